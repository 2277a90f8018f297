#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/channel_api.hpp"
#include "gcstreamd/core/coverage.hpp"
#include "gcstreamd/core/local_numbers.hpp"

namespace gcstreamd {

struct BackfillOptions {
  /// So much more on both sides of a gap: the server's clock, and events on their way.
  std::chrono::seconds overlap{std::chrono::minutes{2}};
  /// Conversations that began so long before the gap and went on into it are found, too.
  std::chrono::seconds lookback{std::chrono::hours{24}};
  unsigned page_size = 100;
  unsigned most_pages = 1000;  ///< of one day's conversations
};

/// One request of a backfill.
struct DetailsQuery {
  TimeWindow interval;
  unsigned page = 1;
  unsigned page_size = 100;
};

HttpRequest details_query(const std::string& api_url, const Secret& token,
                          const DetailsQuery& query);

/// A conversation as the server tells of it now, as a line to be delivered.
struct RecoveredRecord {
  std::string line;  ///< `{"recovered":true,"window":{…},"conversation":{…}}`
  DurableHash hash;  ///< of the conversation alone
};

/// Turns one gap into `conversations/details/query` requests and their answers into records.
///
/// Such a query finds only conversations that began on a UTC day that its interval touches: so each
/// day from the lookback on is asked for by itself, all of its pages (source: GENESYS.md). Of what
/// comes, conversations that were over before the gap or began after it are left out; one without
/// times is taken. No I/O and no clock; each request is to be asked of the budget first.
class BackfillPlan {
 public:
  explicit BackfillPlan(const TimeWindow& gap, const BackfillOptions& options = {});
  ~BackfillPlan();
  BackfillPlan(BackfillPlan&&) noexcept;
  BackfillPlan& operator=(BackfillPlan&&) noexcept;

  /// What to ask for now; none: everything was.
  std::optional<DetailsQuery> next() const;
  /// Reads the answer to `next()` and goes on behind it. A fault changes nothing.
  Outcome<std::vector<RecoveredRecord>> take(const HttpResponse& response, WallTime now);

  /// Whether a day had more pages than are asked for: the gap is not filled in whole.
  bool cut_short() const { return cut_short_; }

 private:
  class Reader;

  void advance(std::size_t rows, std::optional<std::uint64_t> total);

  TimeWindow gap_;
  BackfillOptions options_;
  std::vector<TimeWindow> days_;  ///< one interval for each, oldest first
  std::size_t day_ = 0;
  unsigned page_ = 1;
  std::uint64_t seen_ = 0;  ///< rows of this day
  bool cut_short_ = false;
  std::unique_ptr<Reader> reader_;
};

/// What a backfill's fault leads to.
struct BackfillFailure {
  bool for_good = false;  ///< asking again will not help until a person does something
  std::string cause;      ///< `missing_permission`, or as cause_of tells it
  std::chrono::seconds retry_in{0};
};
BackfillFailure judge_backfill(const Fault& fault);

}  // namespace gcstreamd
