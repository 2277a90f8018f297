#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config_context.hpp"
#include "gcstreamd/core/redactor.hpp"
#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

/// Shorter ones are found by trying, and so are the few phone numbers that there are.
constexpr std::size_t kLeastKey = 16;
constexpr std::size_t kMostKey = 4096;

/// Why the pointer cannot stand in a rule, "" where it can.
std::string pointer_fault(std::string_view pointer) {
  const auto steps = parse_pointer(pointer);
  if (!steps || steps->empty())
    return "not a JSON pointer";
  if (steps->size() > Redactor::kMostSteps)
    return fmt::format("more than {} steps", Redactor::kMostSteps);
  if (steps->front().every)
    return "an event is an object: * stands for the members of an array alone";
  const std::string& key = steps->front().key;
  const bool kept = key == "eventType" || key == "sequenceNumber";
  return kept ? "what tells one event from another stays in it" : "";
}

std::string read_pointer(ObjectReader& in, const std::vector<RedactRule>& before) {
  std::string pointer = in.required_text("pointer");
  if (!in.is_text("pointer"))
    return pointer;
  const auto same = [&](const RedactRule& rule) { return rule.pointer == pointer; };
  if (const std::string fault = pointer_fault(pointer); !fault.empty())
    in.fail("pointer", fault,
            "a JSON pointer into an event such as /participants/*/name; not /sequenceNumber or "
            "/eventType");
  else if (std::any_of(before.begin(), before.end(), same))
    in.fail("pointer", "another rule has it", "each pointer once");
  return pointer;
}

RedactRule::Action read_action(ObjectReader& in) {
  constexpr auto kActions = std::to_array<std::string_view>({"remove", "mask", "hmac"});
  if (!in.has("action"))
    in.fail("action", "missing", join(kActions, ", "));
  const std::string action = in.choice("action", kActions, "remove");
  return action == "mask"   ? RedactRule::Action::mask
         : action == "hmac" ? RedactRule::Action::hmac
                            : RedactRule::Action::remove;
}

/// Returns what is wrong with the file, or "".
std::string load_key(const ConfigInputs& inputs, const std::string& path, Secret& key) {
  std::string fault = inputs.secret_file_fault(path);
  if (!fault.empty())
    return fault;
  auto text = inputs.read_file(path);
  if (!text)
    return "it cannot be read";
  key = Secret(without_line_break(*text));
  wipe(*text);
  const std::size_t size = key.reveal().size();
  return size < kLeastKey  ? fmt::format("its key has fewer than {} bytes", kLeastKey)
         : size > kMostKey ? fmt::format("its key has more than {} bytes", kMostKey)
                           : "";
}

void read_key(ObjectReader& in, const Context& context, RedactRule& rule) {
  if (rule.action != RedactRule::Action::hmac) {
    if (in.raw("key_file"))
      in.fail("key_file", "only hmac has a key", "leave it out");
    return;
  }
  rule.key_file = in.required_text("key_file");
  if (!in.is_text("key_file"))
    return;
  const std::string fault = load_key(context.inputs, rule.key_file, rule.key);
  if (!fault.empty())
    in.fail("key_file", fmt::format("{}: {}", rule.key_file, fault),
            "a file with a key in it that only its owner (and group) can read, such as one made "
            "by: openssl rand -hex 32");
}

}  // namespace

std::vector<RedactRule> read_redact(ObjectReader& in, const Context& context) {
  std::vector<RedactRule> rules;
  const nlohmann::json* value = in.raw("redact");
  if (!value || value->is_null() || (value->is_array() && value->empty()))
    return rules;
  if (value->is_array() && value->size() > Redactor::kMostRules) {
    in.fail("redact", fmt::format("more than {} rules", Redactor::kMostRules), "fewer rules");
    return rules;
  }
  in.objects("redact", [&](ObjectReader& keys) {
    RedactRule rule;
    rule.pointer = read_pointer(keys, rules);
    rule.action = read_action(keys);
    read_key(keys, context, rule);
    rules.push_back(std::move(rule));
  });
  return rules;
}

bool redacts(const StreamConfig& stream) {
  return std::any_of(stream.sinks.begin(), stream.sinks.end(),
                     [](const SinkConfig& sink) { return !sink.redact.empty(); });
}

}  // namespace gcstreamd
