#include "gcstreamd/core/backfill_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gcstreamd/core/json_span.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "json_message.hpp"

namespace gcstreamd {
namespace {

namespace dom = simdjson::dom;
using std::chrono::days;

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr std::chrono::seconds kUsualRetry{60};

/// One interval for each UTC day that the window touches.
std::vector<TimeWindow> by_day(const TimeWindow& window) {
  std::vector<TimeWindow> parts;
  for (WallTime from = window.from; from < window.to;) {
    const WallTime next = std::chrono::floor<days>(from) + days{1};
    parts.push_back({from, std::min(next, window.to)});
    from = next;
  }
  return parts;
}

Fault malformed(std::string words) {
  return {Stage::subscribe, FaultKind::protocol, kOk, std::move(words)};
}

std::optional<WallTime> time_of(dom::object object, std::string_view key) {
  return parse_time(text_of(object, key));
}

bool concerns(dom::element conversation, const TimeWindow& window) {
  dom::object object;
  if (conversation.get(object) != simdjson::SUCCESS)
    return false;
  const auto start = time_of(object, "conversationStart");
  const auto end = time_of(object, "conversationEnd");
  return !(start && *start >= window.to) && !(end && *end < window.from);
}

}  // namespace

/// Reads one answer a call.
class BackfillPlan::Reader {
 public:
  struct Page {
    std::size_t rows = 0;
    std::optional<std::uint64_t> total;
    std::vector<std::string_view> wanted;  ///< conversations within the window, on one line each
  };

  Outcome<Page> read(std::string_view body, const TimeWindow& window) {
    text_.assign(body);
    text_.reserve(text_.size() + Protocol::kPadding);
    if (const auto rejection = json_.parse(text_))
      return malformed("the answer to the details query: " + rejection->error);
    dom::object object;
    if (json_.root().get(object) != simdjson::SUCCESS)
      return malformed("the answer to the details query is not an object");
    Page page;
    std::uint64_t total = 0;
    dom::element member;
    if (object.at_key("totalHits").get(member) == simdjson::SUCCESS &&
        member.get(total) == simdjson::SUCCESS)
      page.total = total;
    dom::array rows;
    if (object.at_key("conversations").get(member) != simdjson::SUCCESS) {
      if (!page.total && object.size() > 0)  // the server leaves it out where there are none
        return malformed("the answer to the details query has no conversations");
      return page;
    }
    if (member.get(rows) != simdjson::SUCCESS)
      return malformed("conversations is not an array");
    const std::string_view line = json_.one_line(text_);
    const auto texts = element_texts(member_text(line, "conversations"));
    page.rows = rows.size();
    if (texts.size() != page.rows)
      return malformed("conversations is written with escapes");
    std::size_t i = 0;
    for (const dom::element row : rows) {
      if (concerns(row, window))
        page.wanted.push_back(texts[i]);
      ++i;
    }
    return page;
  }

 private:
  std::string text_;
  JsonMessage json_;
};

BackfillPlan::BackfillPlan(const TimeWindow& gap, const BackfillOptions& options)
    : gap_(gap),
      options_(options),
      days_(by_day({gap.from - options.overlap - options.lookback, gap.to + options.overlap})),
      reader_(std::make_unique<Reader>()) {}

BackfillPlan::~BackfillPlan() = default;
BackfillPlan::BackfillPlan(BackfillPlan&&) noexcept = default;
BackfillPlan& BackfillPlan::operator=(BackfillPlan&&) noexcept = default;

std::optional<DetailsQuery> BackfillPlan::next() const {
  if (day_ == days_.size())
    return std::nullopt;
  return DetailsQuery{days_[day_], page_, options_.page_size};
}

Outcome<std::vector<RecoveredRecord>> BackfillPlan::take(const HttpResponse& response,
                                                         WallTime now) {
  if (response.status != kOk)
    return api_fault(response, now);
  const TimeWindow window{gap_.from - options_.overlap, gap_.to + options_.overlap};
  const auto page = reader_->read(response.body, window);
  if (!page)
    return page.error();
  if (page->rows == 0 && page->total && seen_ < *page->total)
    return malformed(fmt::format("page {} of the details query is empty, after {} of {} rows",
                                 page_, seen_, *page->total));
  std::vector<RecoveredRecord> records;
  for (const std::string_view conversation : page->wanted)
    records.push_back(
        {fmt::format(R"({{"recovered":true,"window":{{"from":"{}","to":"{}"}},"conversation":{}}})",
                     format_time(gap_.from), format_time(gap_.to), conversation),
         durable_hash(conversation)});
  advance(page->rows, page->total);
  return records;
}

/// Rows are counted as they come: the server may have smaller pages than it was asked for. Where it
/// says no total, an empty page is the last one.
void BackfillPlan::advance(std::size_t rows, std::optional<std::uint64_t> total) {
  seen_ += rows;
  const bool more = rows > 0 && (!total || seen_ < *total);
  if (more && page_ < options_.most_pages) {
    ++page_;
    return;
  }
  cut_short_ = cut_short_ || more;
  ++day_;
  page_ = 1;
  seen_ = 0;
}

HttpRequest details_query(const std::string& api_url, const Secret& token,
                          const DetailsQuery& query) {
  const std::string body = fmt::format(
      R"({{"interval":"{}/{}","paging":{{"pageSize":{},"pageNumber":{}}},"order":"asc",)"
      R"("orderBy":"conversationStart"}})",
      format_time(query.interval.from), format_time(query.interval.to), query.page_size,
      query.page);
  return api_request("POST", api_url, "/api/v2/analytics/conversations/details/query", token, body);
}

BackfillFailure judge_backfill(const Fault& fault) {
  const bool refused = fault.kind == FaultKind::http_status;
  BackfillFailure failure;
  failure.retry_in = std::max(fault.retry_after.value_or(kUsualRetry), std::chrono::seconds{1});
  failure.cause = cause_of(fault);
  if (refused && fault.code == kForbidden)
    failure.cause = "missing_permission";
  failure.for_good = refused && (fault.code == kBadRequest || fault.code == kNotFound);
  return failure;
}

}  // namespace gcstreamd
