#pragma once

#include <gtest/gtest.h>

#include <string>

namespace gcstreamd::testing {

/// Names the instances of a table-driven test by their cases' `name`.
template <class Case>
std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

}  // namespace gcstreamd::testing
