#include "config_context.hpp"

#include <fmt/format.h>
#include <array>
#include <optional>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

using std::chrono::seconds;

/// systemd's credential for this stream, where there is one.
std::optional<std::string> credential_file(const Context& context, const std::string& stream_name) {
  const std::string directory = context.variable("CREDENTIALS_DIRECTORY");
  if (directory.empty())
    return std::nullopt;
  const std::string path = directory + '/' + stream_name + ".client_secret";
  return context.inputs.exists(path) ? std::optional(path) : std::nullopt;
}

void check_secret_file(ObjectReader& in, const Context& context, const std::string& path) {
  if (const std::string fault = context.inputs.secret_file_fault(path); !fault.empty())
    in.fail("client_secret_file", fmt::format("{}: {}", path, fault),
            "a file with the secret in it that only its owner (and group) can read");
}

void read_secret_source(ObjectReader& in, const Context& context, const std::string& stream_name,
                        SecretSource& source) {
  const std::string file = in.text("client_secret_file");
  for (std::string_view key : {"client_secret", "secret", "token", "access_token"})
    if (in.raw(key))
      in.fail(key, "no key holds a secret in the configuration itself",
              "client_secret_file, $CREDENTIALS_DIRECTORY/NAME.client_secret or "
              "$GENESYS_CLIENT_SECRET",
              "client_secret_file");
  const auto credential = credential_file(context, stream_name);
  if (!file.empty() || credential) {
    source = {SecretSource::Kind::file, file.empty() ? *credential : file};
    check_secret_file(in, context, source.where);
  } else if (!context.variable("GENESYS_CLIENT_SECRET").empty()) {
    source = {SecretSource::Kind::environment, "GENESYS_CLIENT_SECRET"};
  } else {
    in.fail("client_secret_file", "no client secret",
            "the path of a file, $CREDENTIALS_DIRECTORY/NAME.client_secret or "
            "$GENESYS_CLIENT_SECRET");
  }
}

std::string read_id_file(ObjectReader& in, const Context& context, const std::string& path) {
  auto text = context.inputs.read_file(path);
  if (!text)
    in.fail("client_id_file", path + ": cannot be read",
            "a readable file with the client id in it");
  std::string id = text.value_or("");
  for (char end : {'\n', '\r'})
    if (id.ends_with(end))
      id.pop_back();
  if (text && id.empty())
    in.fail("client_id_file", path + ": the file is empty", "a file with the client id in it");
  return id;
}

void read_client_id(ObjectReader& in, const Context& context, OAuthConfig& oauth) {
  oauth.client_id = in.text("client_id");
  const std::string file = in.text("client_id_file");
  if (in.has("client_id") && in.has("client_id_file"))
    in.fail("client_id_file", "given beside client_id", "one of the two");
  if (!file.empty())
    oauth.client_id = read_id_file(in, context, file);
  else if (!in.has("client_id"))
    oauth.client_id = context.variable("GENESYS_CLIENT_ID");
  const bool told = in.has("client_id") && !in.is_text("client_id");
  if (oauth.client_id.empty() && file.empty() && !told)
    in.fail("client_id", "no client id", "a string, client_id_file or $GENESYS_CLIENT_ID");
}

}  // namespace

void read_oauth(ObjectReader& in, const Context& context, StreamConfig& stream) {
  constexpr auto kAuth = std::to_array<std::string_view>({"post", "basic"});
  OAuthConfig& oauth = stream.oauth;
  read_client_id(in, context, oauth);
  read_secret_source(in, context, stream.name, oauth.client_secret);
  const bool as_stream = stream.protocol == ProtocolKind::analytics_stream;
  oauth.client_auth = in.choice("client_auth", kAuth, as_stream ? "post" : "basic") == "basic"
                          ? OAuthConfig::ClientAuth::basic
                          : OAuthConfig::ClientAuth::post;
  if (in.has("scopes"))
    oauth.scopes = in.texts("scopes");
  else if (as_stream)  // else the OAuth client's roles decide
    oauth.scopes = {"analytics:stream:read", "analytics:events:read"};
  oauth.refresh_margin = seconds(in.integer("refresh_margin_s", 0, kDay, 60));
}

}  // namespace gcstreamd
