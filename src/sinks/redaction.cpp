#include "redaction.hpp"

#include "hmac_sha256.hpp"

namespace gcstreamd {
namespace {

Redactor::Replace hmac_with(const Secret& key) {
  return [hmac = std::make_shared<HmacSha256>(key.reveal())](std::string_view value,
                                                             std::string& out) {
    const Sha256Hex hex = hmac->hex(value);
    out += '"';
    out += view(hex);
    out += '"';
    return true;
  };
}

Redactor::Rule make_rule(const RedactRule& config) {
  Redactor::Rule rule;
  rule.steps = parse_pointer(config.pointer).value_or(std::vector<PointerStep>());
  switch (config.action) {
    case RedactRule::Action::remove:
      break;
    case RedactRule::Action::mask:
      rule.text = R"("***")";
      break;
    case RedactRule::Action::hmac:
      rule.replace = hmac_with(config.key);
      break;
  }
  return rule;
}

}  // namespace

std::shared_ptr<Redactor> make_redactor(const SinkConfig& config) {
  if (config.redact.empty() || config.type == "audit")
    return nullptr;
  std::vector<Redactor::Rule> rules;
  for (const RedactRule& rule : config.redact)
    rules.push_back(make_rule(rule));
  return std::make_shared<Redactor>(std::move(rules));
}

}  // namespace gcstreamd
