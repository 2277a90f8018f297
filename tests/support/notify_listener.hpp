#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd::testing {

/// The service manager's end of $NOTIFY_SOCKET (sd_notify(3)). Used by the test's own thread.
class NotifyListener {
 public:
  /// `address` is a path, or `@NAME` in the abstract namespace.
  explicit NotifyListener(const std::string& address);
  ~NotifyListener();
  NotifyListener(const NotifyListener&) = delete;
  NotifyListener& operator=(const NotifyListener&) = delete;

  /// Waits for a message that has a line which begins so, returns that message and drops those
  /// before it. Throws when the deadline passes.
  std::string await(std::string_view line_begins);
  /// Fills the queue, so that nothing more is taken until it is read.
  void clog();
  /// All that came by now and was not awaited.
  std::vector<std::string> rest();

 private:
  int descriptor_ = -1;
  std::string address_;
};

}  // namespace gcstreamd::testing
