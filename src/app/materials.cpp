#include "gcstreamd/app/materials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "gcstreamd/app/system_inputs.hpp"

namespace gcstreamd {
namespace {

std::size_t hash_of_file(const std::string& path) {
  if (path.empty())
    return 0;
  auto text = read_file(path);
  const auto hash = text ? std::hash<std::string>{}(*text) : 0;
  if (text)
    wipe(*text);
  return hash;
}

/// Whether it was there under its name, with something else in it.
bool differs(const std::vector<Materials::SinkKey>& before, const Materials::SinkKey& one) {
  return std::any_of(before.begin(), before.end(), [&](const auto& other) {
    return other.id == one.id && other.hash != one.hash;
  });
}

/// A redaction's key is the one that the configuration was read with.
void add_sink_keys(const SinkConfig& sink, const std::string& pointer, Materials& materials) {
  if (sink.seal)
    materials.sink_keys.push_back(
        {sink.name + " seal", pointer + "/seal/key_file", hash_of_file(sink.seal->key_file)});
  for (std::size_t i = 0; i < sink.redact.size(); ++i) {
    const RedactRule& rule = sink.redact[i];
    if (!rule.key_file.empty())
      materials.sink_keys.push_back({sink.name + " redact " + rule.key_file,
                                     fmt::format("{}/redact/{}/key_file", pointer, i),
                                     std::hash<std::string_view>{}(rule.key.reveal())});
  }
}

}  // namespace

Materials read_materials(const StreamConfig& config) {
  Materials materials;
  if (const auto secret = read_secret(config.oauth.client_secret))
    materials.client_secret = std::hash<std::string_view>{}(secret->reveal());
  materials.ca = hash_of_file(config.tls.ca_file);
  materials.client_certificate = hash_of_file(config.tls.client_cert_file);
  materials.client_key = hash_of_file(config.tls.client_key_file);
  for (std::size_t i = 0; i < config.sinks.size(); ++i)
    add_sink_keys(config.sinks[i], fmt::format("sinks/{}", i), materials);
  return materials;
}

std::vector<std::string> changed_materials(const Materials& before, const Materials& now) {
  std::vector<std::string> keys;
  if (before.client_secret != now.client_secret)
    keys.emplace_back("oauth/client_secret_file");
  if (before.ca != now.ca)
    keys.emplace_back("tls/ca_file");
  if (before.client_certificate != now.client_certificate)
    keys.emplace_back("tls/client_cert_file");
  if (before.client_key != now.client_key)
    keys.emplace_back("tls/client_key_file");
  for (const Materials::SinkKey& key : now.sink_keys)
    if (differs(before.sink_keys, key))
      keys.push_back(key.pointer);
  return keys;
}

bool concerns_sink(const std::string& key) {
  return key.starts_with("sinks/");
}

}  // namespace gcstreamd
