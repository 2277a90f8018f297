#pragma once

#include <deque>
#include <optional>

#include "gcstreamd/app/api_call.hpp"
#include "gcstreamd/app/coverage_keeper.hpp"
#include "gcstreamd/app/token_desk.hpp"
#include "gcstreamd/core/backfill_plan.hpp"

namespace gcstreamd {

/// The stream whose gaps are filled in. Called on the loop's thread.
class BackfillHost {
 public:
  virtual ~BackfillHost() = default;
  /// Whether a record may be delivered now.
  virtual bool may_deliver() const = 0;
  /// The number that it was delivered with; empty: it was before, as it is now.
  virtual std::optional<SequenceNumber> deliver_recovered(const RecoveredRecord& record) = 0;
  /// Whether all up to this number is durable.
  virtual bool is_durable(SequenceNumber number) const = 0;
  virtual void note(const AuditRecord& record) = 0;
  virtual std::string shown(std::string_view text) const = 0;
  virtual Now now() = 0;
};

/// Fills in a stream's gaps, one after the other, as they are due: asks page by page, delivers what
/// is new, and tells coverage when all of it is durable. Used on the loop's thread.
class Backfiller : private TokenUser {
 public:
  /// All of them outlive it.
  Backfiller(BackfillHost& host, const ApiTools& tools, TokenDesk& desk, CoverageKeeper& keeper);
  ~Backfiller() override { desk_.leave(*this); }

  /// About once a second, and whenever something became durable.
  void go_on();
  void stop();

 private:
  enum class State {
    idle,
    authorizing,
    asking,      ///< a page is on its way
    delivering,  ///< until the sinks take what came
    settling,    ///< until the sinks hold all of it durably
    stopped,
  };

  void on_token() override;
  void on_no_token(const Fault& fault) override;
  void begin_if_due();
  void ask();
  void on_answer(Outcome<HttpResponse> answer);
  void deliver();
  void finish();
  void fail(const Fault& fault);
  bool is_still_first() const;

  BackfillHost& host_;
  const ApiTools& tools_;
  TokenDesk& desk_;
  CoverageKeeper& keeper_;
  ApiCall call_;
  State state_ = State::idle;
  TimeWindow window_{};
  std::optional<BackfillPlan> plan_;
  std::deque<RecoveredRecord> records_;  ///< of the last page, not yet delivered
  std::uint64_t recovered_ = 0;
  SequenceNumber last_ = kNoNumber;  ///< of them
  bool token_refused_ = false;       ///< by the last answer
};

}  // namespace gcstreamd
