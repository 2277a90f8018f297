#include "seal_keys.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/secret.hpp"
#include "gcstreamd/sinks/secret_file.hpp"
#include "posix.hpp"
#include "sha256.hpp"

namespace gcstreamd {
namespace {

constexpr std::size_t kMostPem = 65536;
constexpr std::size_t kRawKey = 32;
constexpr std::size_t kIdDigits = 16;

/// Nobody is there to be asked for a passphrase.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

std::string read_pem(const std::string& path, std::string& text) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file.ok())
    return describe_errno(errno);
  text.resize(kMostPem);  // once: what a growing string leaves behind is not wiped
  std::size_t size = 0;
  ssize_t got = 1;
  while (got != 0 && size < text.size()) {
    got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno != EINTR)
      return describe_errno(errno);
    size += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  text.resize(size);
  return {};
}

std::string why_no_private_key(std::string_view text) {
  const std::string how = "make one by: openssl genpkey -algorithm ed25519 -out seal.pem";
  if (text.find("ENCRYPTED") != std::string_view::npos)
    return "its key needs a passphrase, which nobody can give here: " + how;
  if (text.find("PUBLIC KEY") != std::string_view::npos)
    return "it holds a public key, not the private one: " + how;
  return "it holds no private key in PEM: " + how;
}

}  // namespace

void FreeKey::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

void FreeBio::operator()(BIO* bio) const {
  BIO_free(bio);
}

BioHandle open_pem(const std::string& path, std::string& text, std::string& fault) {
  fault = read_pem(path, text);
  if (!fault.empty())
    return nullptr;
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool is_ed25519(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "ED25519") == 1;
}

std::string key_id(const EVP_PKEY* key) {
  std::array<unsigned char, kRawKey> raw{};
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 || size != raw.size())
    throw std::runtime_error("OpenSSL gives no public key");
  std::string bytes(raw.begin(), raw.end());
  return std::string(view(sha256_hex(bytes)).substr(0, kIdDigits));
}

std::unique_ptr<SealKey> SealKey::load(const std::string& path, std::string& fault) {
  fault = secret_file_fault(path);
  if (!fault.empty())
    return nullptr;
  std::string text;
  const BioHandle pem = open_pem(path, text, fault);
  KeyHandle key;
  if (pem)
    key.reset(PEM_read_bio_PrivateKey(pem.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (fault.empty() && !key)
    fault = why_no_private_key(text);
  else if (key && !is_ed25519(key.get()))
    fault =
        "its private key is not of Ed25519: make one by: openssl genpkey -algorithm ed25519 "
        "-out seal.pem";
  wipe(text);
  if (!fault.empty())
    return nullptr;
  std::string id = key_id(key.get());
  return std::unique_ptr<SealKey>(new SealKey(std::move(key), std::move(id)));
}

std::optional<SealPublicKeys> SealPublicKeys::load(const std::string& path, std::string& fault) {
  std::string text;
  const BioHandle pem = open_pem(path, text, fault);
  if (!pem)
    return std::nullopt;
  SealPublicKeys keys;
  while (KeyHandle key{PEM_read_bio_PUBKEY(pem.get(), nullptr, no_passphrase, nullptr)}) {
    if (!is_ed25519(key.get()))
      fault = "it holds a public key that is not of Ed25519";
    else
      keys.keys_.push_back({std::move(key), {}});
  }
  ERR_clear_error();
  const bool is_private = text.find("PRIVATE KEY") != std::string::npos;
  wipe(text);
  if (keys.keys_.empty() && fault.empty())
    fault = std::string(is_private ? "it holds a private key" : "it holds no public key in PEM") +
            ": the public one comes from: openssl pkey -in seal.pem -pubout -out seal.pub";
  if (!fault.empty())
    return std::nullopt;
  for (Key& key : keys.keys_)
    key.id = key_id(key.key.get());
  return keys;
}

}  // namespace gcstreamd
