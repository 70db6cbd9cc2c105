// What the background promises: less than the others, and only for the thread that asks.

#include "snapshot/background.h"

#include <gtest/gtest.h>

#include <thread>

namespace apim::snapshot {
namespace {

int own_nice() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

TEST(Background, IsTheCallingThreadAlone) {
  const int before = own_nice();
  int theirs = before;
  std::thread([&] {
    run_in_background();
    theirs = own_nice();
  }).join();
  EXPECT_GE(theirs, 10);
  EXPECT_EQ(own_nice(), before);
}

}  // namespace
}  // namespace apim::snapshot
