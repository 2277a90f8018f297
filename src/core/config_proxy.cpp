#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config_context.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::string_view kAllowed =
    "http://[user:password@]host:port, user and password percent-encoded, or null for none";

struct Variable {
  std::string_view name;
  std::string value;
};

/// The first of the variables that is set to something.
Variable find_variable(const Context& context, std::array<std::string_view, 2> names) {
  for (const std::string_view name : names)
    if (std::string value = context.variable(name); !value.empty())
      return {name, std::move(value)};
  return {};
}

std::vector<Url> endpoints_of(const StreamConfig& stream) {
  std::vector<Url> urls;
  const bool notifications = stream.protocol == ProtocolKind::notifications;
  for (const std::string& text :
       {stream.endpoints.oauth_url,
        notifications ? stream.endpoints.api_url : stream.endpoints.stream_url})
    if (const auto url = parse_url(text))
      urls.push_back(*url);
  return urls;
}

/// As curl and others take it: the scheme may be left out.
std::optional<Proxy> parse_variable(const std::string& value) {
  return parse_proxy(value.find("://") == std::string::npos ? "http://" + value : value);
}

void tell_exceptions(ObjectReader& in, Context& context, const Variable& variable,
                     const StreamConfig& stream) {
  context.result.notes.push_back(fmt::format("{}: ${} is used", in.at("proxy"), variable.name));
  for (const Url& url : endpoints_of(stream))
    if (!stream.proxy.way_to(url))
      context.result.notes.push_back(
          fmt::format("{}: {} is reached without it", in.at("proxy"), url.host));
  for (const std::string& entry : stream.proxy.except.unknown())
    context.result.warnings.push_back(
        fmt::format("$NO_PROXY: {} is no name, address or network: it covers nothing",
                    json_string(clip(entry, 100))));
}

/// A variable that no endpoint is concerned by may say what it likes.
void read_variables(ObjectReader& in, Context& context, StreamConfig& stream) {
  const auto variable = find_variable(context, {"HTTPS_PROXY", "https_proxy"});
  if (variable.value.empty())
    return;
  ProxyChoice choice;
  choice.by_environment = true;
  choice.except = NoProxy(find_variable(context, {"NO_PROXY", "no_proxy"}).value);
  choice.proxy = Proxy();
  const auto urls = endpoints_of(stream);
  if (std::none_of(urls.begin(), urls.end(), [&](const Url& url) { return choice.way_to(url); }))
    return;
  choice.proxy = parse_variable(variable.value);
  if (!choice.proxy)
    in.fail("proxy", fmt::format("${} is not a proxy that can be used", variable.name),
            std::string(kAllowed));
  stream.proxy = std::move(choice);
  tell_exceptions(in, context, variable, stream);
}

}  // namespace

void read_proxy(ObjectReader& in, Context& context, StreamConfig& stream) {
  const nlohmann::json* value = in.raw("proxy");
  if (!value) {
    read_variables(in, context, stream);
    return;
  }
  const auto* text = value->get_ptr<const std::string*>();
  if (value->is_null() || (text && text->empty()))
    return;  // directly, whatever the environment says
  if (text)
    stream.proxy.proxy = parse_proxy(*text);
  if (!stream.proxy.proxy)
    in.fail("proxy", "not a proxy's URL", std::string(kAllowed));
}

}  // namespace gcstreamd
