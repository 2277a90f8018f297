#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "gcstreamd/core/request_budget.hpp"

namespace gcstreamd {

/// One budget of REST calls for each client id, shared by its streams. Owned by the app; a budget
/// lives as long as this.
class RequestBudgets {
 public:
  explicit RequestBudgets(unsigned per_minute) : per_minute_(per_minute) {}

  RequestBudget& of(const std::string& client_id) {
    return budgets_.try_emplace(client_id, options()).first->second;
  }
  /// From the next request on.
  void configure(unsigned per_minute) {
    per_minute_ = per_minute;
    for (auto& [id, budget] : budgets_)
      budget.configure(options());
  }

 private:
  /// A fifth is kept for what live events depend on.
  RequestBudgetOptions options() const {
    RequestBudgetOptions options;
    options.limit = per_minute_;
    options.reserve = per_minute_ / 5;
    return options;
  }

  unsigned per_minute_;
  std::map<std::string, RequestBudget> budgets_;
};

}  // namespace gcstreamd
