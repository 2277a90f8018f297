#include "gcstreamd/sinks/chain_check.hpp"

#include <fmt/format.h>

#include "gcstreamd/core/text.hpp"
#include "gcstreamd/sinks/audit_chain.hpp"
#include "sha256.hpp"

namespace gcstreamd {

ChainCheck::ChainCheck(const SealPublicKeys* keys) : keys_(keys) {}
ChainCheck::~ChainCheck() = default;
ChainCheck::ChainCheck(ChainCheck&&) noexcept = default;

std::string ChainCheck::check(std::string_view text) {
  if (auto fault = parser_.parse(text, record_); !fault.empty())
    return fault;
  const auto line = split_chained(text);
  if (!line)
    return record_.n || !record_.hash.empty()
               ? "the record does not end with its n and hash as it was written"
               : "the record has no n and hash: it does not belong into this chain, or chain was "
                 "switched off here";
  const bool is_first = !begun();
  if (auto fault = is_first ? check_first(*line) : check_link(*line); !fault.empty())
    return fault;
  if (record_.type == "seal")
    if (auto fault = check_seal(*line); !fault.empty())
      return fault;
  if (is_first)
    first_ = line->n;
  head_.n = line->n;
  head_.hash = line->hash;
  return {};
}

std::string ChainCheck::check_link(const ChainedLine& line) {
  if (line.n != head_.n + 1)
    return fmt::format("its n is {}, expected {}", line.n, head_.n + 1);
  if (view(sha256_hex(head_.hash, line.hashed)) != line.hash)
    return "its hash is wrong: the record was changed, or does not follow the one before it";
  return {};
}

std::string ChainCheck::check_first(const ChainedLine& line) {
  if (line.n == 0)
    return "its n is 0: records begin with 1";
  if (line.n == 1)
    return check_link(line);
  first_proven_ = false;
  head_ = {line.n - 1, {}};
  const auto before = record_.type == "seal" ? record_.head_hash : std::string_view();
  if (before.empty())
    return {};
  head_.hash = before;
  first_proven_ = keys_ != nullptr;
  return check_link(line);
}

std::string ChainCheck::check_seal(const ChainedLine& line) {
  if (!record_.seal_number || !record_.head_record || record_.previous_seal.empty() ||
      record_.head_hash.empty() || record_.key_id.empty() || record_.signature.empty())
    return "the seal lacks one of sealNumber, previousSeal, headRecord, headHash, keyId, signature";
  if (auto fault = seal_order_fault(head_); !fault.empty())
    return fault;
  if (keys_)
    if (auto fault = keys_->check(record_, line.fields); !fault.empty())
      return fault;
  seal_ = {*record_.seal_number, std::string(line.hash)};
  if (seals_.count++ == 0)
    seals_.first = seal_.number;
  seals_.last = seal_.number;
  seals_.last_record = line.n;
  seals_.last_ts = record_.ts;
  seals_.key_id = record_.key_id;
  return {};
}

std::string ChainCheck::seal_order_fault(const ChainHead& before) const {
  const bool any_may_come = seals_.count == 0 && (!begun() ? before.n > 0 : first_ > 1);
  if (!any_may_come && *record_.seal_number != seal_.number + 1)
    return fmt::format(
        "its sealNumber is {}, expected {}: a seal is missing, or this one was moved",
        *record_.seal_number, seal_.number + 1);
  if (!any_may_come && record_.previous_seal != seal_.hash)
    return "its previousSeal is not the hash of the seal before it";
  if (*record_.head_record != before.n || record_.head_hash != before.hash)
    return "its headRecord and headHash are not those of the record before it: the seal was moved, "
           "or what it seals was changed";
  return {};
}

bool ChainCheck::continues_with(std::string_view text) const {
  const auto line = split_chained(text);
  return line && begun() && line->n == head_.n + 1 &&
         view(sha256_hex(head_.hash, line->hashed)) == line->hash;
}

}  // namespace gcstreamd
