#include "gcstreamd/app/topic_watch.hpp"

#include <random>
#include <utility>

#include "gcstreamd/net/clocks.hpp"

namespace gcstreamd {

TopicRules topic_rules(const StreamConfig& config) {
  const NotificationsConfig& rules = config.notifications;
  return {rules.topics, rules.queues, rules.users};
}

TopicWatch::TopicWatch(const ApiTools& tools, TokenDesk& desk, Events events)
    : tools_(tools),
      desk_(desk),
      events_(std::move(events)),
      call_(tools, tools.config.name + "/topics", RequestBudget::Urgency::background),
      backoff_(tools.config.reconnect.backoff, std::random_device{}()),
      timer_(tools.loop) {}

void TopicWatch::start() {
  stop();
  backoff_.configure(tools_.config.reconnect.backoff);
  list_after({});
}

void TopicWatch::stop() {
  timer_.cancel();
  desk_.leave(*this);
  call_.cancel();
}

bool TopicWatch::needs(DirectoryKind kind) const {
  return topic_rules(tools_.config).needs(kind);
}

void TopicWatch::list_after(std::chrono::milliseconds delay) {
  timer_.expires_after(delay);
  timer_.async_wait([this](const boost::system::error_code& aborted) {
    if (!aborted)
      begin();
  });
}

void TopicWatch::begin() {
  queues_.clear();
  users_.clear();
  page_ = 1;
  kind_ = needs(DirectoryKind::queues) ? DirectoryKind::queues : DirectoryKind::users;
  ask();
}

void TopicWatch::ask() {
  if (needs(kind_))
    desk_.want(*this);
  else
    finish();
}

void TopicWatch::on_token() {
  call_.start(
      [this] {
        return list_directory(tools_.config.endpoints.api_url, desk_.token(), kind_, page_);
      },
      [this](Outcome<HttpResponse> answer) { on_answer(std::move(answer)); });
}

void TopicWatch::on_no_token(const Fault& fault) {
  fail(fault);
}

void TopicWatch::on_answer(Outcome<HttpResponse> answer) {
  if (!answer) {
    fail(answer.error());
    return;
  }
  auto page = parse_directory(*answer, page_, wall_now());
  if (!page) {
    fail(page.error());
    return;
  }
  Entries& entries = kind_ == DirectoryKind::queues ? queues_ : users_;
  entries.insert(entries.end(), std::make_move_iterator(page->entries.begin()),
                 std::make_move_iterator(page->entries.end()));
  if (!page->last && page_ < kMostPages) {
    ++page_;
    ask();
    return;
  }
  go_on();
}

void TopicWatch::go_on() {
  if (std::exchange(kind_, DirectoryKind::users) == DirectoryKind::queues) {
    page_ = 1;
    ask();
    return;
  }
  finish();
}

void TopicWatch::finish() {
  backoff_.reset();
  list_after(tools_.config.notifications.discovery_interval);
  events_.on_listed(queues_, users_);
}

void TopicWatch::fail(const Fault& fault) {
  if (disposition(fault) == Disposition::refresh_token)
    desk_.source().discard();
  const std::chrono::milliseconds wish = fault.retry_after.value_or(std::chrono::seconds{0});
  list_after(std::max(backoff_.next(), wish));
  events_.on_fault(fault);
}

}  // namespace gcstreamd
