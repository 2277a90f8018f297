// Throwaway TLS identities for the simulator and for tests.
//
// Ownership: a CertificateAuthority owns its key; copies share the same, never changed one.
// Threads: const members may be called from any thread.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gcstream_sim {

struct PemPair {
  std::string certificate;
  std::string key;
};

// What a server certificate shall say; both times are relative to now, so that a test can ask for
// one that has expired or is not valid yet.
struct CertificateRequest {
  std::vector<std::string> dns_names{"localhost"};
  std::vector<std::string> addresses{"127.0.0.1", "::1"};
  std::chrono::seconds not_before{-3600};
  std::chrono::seconds not_after{86400 * 30};
  std::string common_name{"gcstream-sim"};
};

// Signed by its own key; throws std::runtime_error when OpenSSL refuses.
PemPair self_signed(const CertificateRequest& request);

// An EC P-256 authority, made anew for each object, whose certificates also pass
// X509_V_FLAG_X509_STRICT at security level 2. Throws std::runtime_error when OpenSSL refuses.
class CertificateAuthority {
 public:
  CertificateAuthority();

  std::string certificate_pem() const;
  PemPair issue(const CertificateRequest& request) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

}  // namespace gcstream_sim
