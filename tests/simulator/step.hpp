// One step of a script as a value, and the places where a step happens. Values only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace gcstream_sim {

enum class Place {
  token,         // the next token request
  connection,    // the next TCP connection
  request,       // the next REST call of its kind
  upgrade,       // the next WebSocket upgrade
  subscription,  // the next subscription
  stream,        // the open, subscribed stream
  at_once,       // nothing to wait for
  block,         // order of the other steps
};

// In the order of the table in step_table.cpp, which explains them.
enum class StepKind {
  token_ok,
  token_status,
  token_html,
  token_hangup,
  token_slow,
  token_huge,
  token_no_access_token,
  token_expires_in,
  token_no_expires_in,
  tls,
  request,
  refuse,
  upgrade_bad_accept,
  upgrade_redirect,
  upgrade_html,
  upgrade_hangup,
  upgrade_silent,
  expect_resume,
  ignore_position,
  refuse_position,
  deny,
  reject,
  send,
  gap,
  lose,
  duplicate,
  reorder,
  reset,
  unnumbered,
  binary,
  fragment,
  oversize,
  drip,
  poison,
  bad,
  heartbeat,
  error,
  stall,
  close,
  close_hold,
  cut,
  notice,
  channel_expire,
  channel_displace,
  wait,
  expire,
  serve,
  stop,
  happen,
  service_down,
  service_up,
  topic_reject,
  topic_permit,
  queue_add,
  queue_remove,
  user_add,
  user_remove,
  repeat,
  forever,
  end,
};

struct RetryAfter {
  std::chrono::seconds in{0};
  bool as_date = false;
};

struct Step {
  StepKind kind = StepKind::serve;
  std::size_t line = 0;  // in its script, from 1; 0: not from a script
  std::uint64_t number = 0;
  std::optional<std::chrono::milliseconds> time;
  std::string word;  // one of those that its parameter allows
  std::string text;  // the rest of the line
  std::optional<RetryAfter> retry_after;
  std::size_t partner = 0;  // of a block's two ends: where the other one is
};

}  // namespace gcstream_sim
