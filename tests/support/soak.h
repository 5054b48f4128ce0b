// How hard randomised tests try.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tidemark::test {

// TIDEMARK_SOAK multiplies the number of random cases: 1 unless set.
inline int soak_factor() {
  const char* factor = std::getenv("TIDEMARK_SOAK");
  return factor == nullptr ? 1 : std::max(1, std::atoi(factor));
}

// Tries a rapidcheck property on this many random cases, times the soak factor. A failure prints
// the smallest case found and the seed; RC_PARAMS="seed=..." runs that one again.
template <class Property>
void check_property(int cases, Property&& property) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = cases * soak_factor();
  const auto result = rc::detail::checkTestable(std::forward<Property>(property),
                                                rc::detail::TestMetadata{}, params);
  std::ostringstream report;
  rc::detail::printResultMessage(result, report);
  EXPECT_TRUE(result.template is<rc::detail::SuccessResult>())
      << report.str() << "\nseed=" << params.seed;
}

}  // namespace tidemark::test
