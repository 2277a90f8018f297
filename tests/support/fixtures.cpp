#include "support/fixtures.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "support/peer.hpp"
#include "support/temp_dir.hpp"

namespace gcstreamd::testing {
namespace {

std::string timestamp(std::uint64_t number) {
  constexpr std::time_t kStart = 1767225600;  // 2026-01-01T00:00:00Z
  const auto milliseconds = number * 10;
  const std::time_t seconds = kStart + static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + milliseconds % 1000).substr(1);
  return std::string(text.data(), size) + '.' + fraction + 'Z';
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 0x0F];
  }
  return hex;
}

}  // namespace

nlohmann::json config_for(const Peer& peer, const TempDir& directory) {
  const std::string host = "localhost:" + std::to_string(peer.port());
  const auto secret = directory.write(kSecretFile, kClientSecret);
  const nlohmann::json stream{
      {"name", "main"},
      {"region", "us-east-1"},
      {"endpoints",
       {{"oauth_url", "https://" + host + "/oauth/token"},
        {"stream_url", "wss://" + host + "/api/v2/analytics/events/stream"}}},
      {"oauth", {{"client_id", kClientId}, {"client_secret_file", secret.string()}}},
      {"event_types", {"interaction:conversation", "routing:queue:member"}},
      {"tls", {{"ca_file", peer.ca_file()}}},
      {"reconnect", {{"base_delay_ms", 10}, {"max_delay_ms", 50}, {"max_attempts", 10}}},
      {"sinks",
       {{{"type", "file"}, {"path", (directory / "events.ndjson").string()}},
        {{"type", "audit"}, {"path", (directory / "audit.jsonl").string()}}}}};
  return {{"state_dir", (directory / "state").string()},
          {"metrics", {{"interval_s", 3600}, {"listen", nullptr}}},
          {"log", {{"level", "debug"}, {"target", "stderr"}}},
          {"streams", nlohmann::json::array({stream})}};
}

std::string event(std::uint64_t number, std::size_t size) {
  std::string text = R"({"eventType":"interaction:conversation","sequenceNumber":)" +
                     std::to_string(number) + R"(,"timestamp":")" + timestamp(number) +
                     R"(","participants":[{"name":"Zoë Müller","note":"日本語 👋 \"quoted\""}],)" +
                     R"("conversationId":"c-)" + std::to_string(number) + R"(","padding":")";
  text.append(size > text.size() + 2 ? size - text.size() - 2 : 0, 'x');
  return text += "\"}";
}

std::vector<std::string> events(std::uint64_t from, std::uint64_t to) {
  std::vector<std::string> all;
  for (std::uint64_t number = from; number <= to; ++number) {
    all.push_back(event(number));
  }
  return all;
}

std::string fault_in_chain(const std::vector<std::string>& lines) {
  std::string previous(64, '0');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto record = nlohmann::json::parse(lines[i], nullptr, false);
    const std::string here = "line " + std::to_string(i + 1) + ": ";
    if (!record.is_object() || !record.contains("n") || !record.contains("hash")) {
      return here + "not a record with n and hash";
    }
    if (record["n"] != i + 1) {
      return here + "n is " + record["n"].dump();
    }
    previous = sha256_hex(previous + lines[i].substr(0, lines[i].rfind(R"(,"hash":)")));
    if (record["hash"] != previous) {
      return here + "hash is " + record["hash"].dump() + ", expected " + previous;
    }
  }
  return "";
}

}  // namespace gcstreamd::testing
