#include "simulator/step_table.hpp"

#include <algorithm>

#include "simulator/steps_order.hpp"
#include "simulator/steps_requests.hpp"
#include "simulator/steps_streams.hpp"

namespace gcstream_sim {
namespace {

constexpr std::size_t kSteps =
    steps::kRequests.size() + steps::kStreams.size() + steps::kOrder.size();

constexpr auto join() {
  std::array<StepInfo, kSteps> table{};
  auto end = std::copy(steps::kRequests.begin(), steps::kRequests.end(), table.begin());
  end = std::copy(steps::kStreams.begin(), steps::kStreams.end(), end);
  std::copy(steps::kOrder.begin(), steps::kOrder.end(), end);
  return table;
}

constexpr auto kTable = join();

}  // namespace

std::span<const StepInfo> step_table() {
  return kTable;
}

const StepInfo& info_of(StepKind kind) {
  return kTable[static_cast<std::size_t>(kind)];
}

bool is_step_of(StepKind kind, Protocol protocol) {
  const StepInfo& info = info_of(kind);
  return !info.only || *info.only == protocol;
}

}  // namespace gcstream_sim
