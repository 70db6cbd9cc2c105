// What a wake promises: everything posted runs once, in order, on the loop's thread; after leave()
// it is dropped.

#include "net/wake.h"

#include <thread>

#include "support_loop.h"

namespace apim::net {
namespace {

TEST(Wake, RunsWhatOtherThreadsPost) {
  Loop loop;
  Wake wake(loop);
  std::vector<int> seen;
  const auto home = std::this_thread::get_id();
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      wake.post([&, i] {
        EXPECT_EQ(std::this_thread::get_id(), home);
        seen.push_back(i);
      });
    }
  });
  run_until(loop, [&] { return seen.size() == 1000; });
  other.join();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
  wake.leave();
  wake.post([] { FAIL(); });
  run_out(loop);
}

}  // namespace
}  // namespace apim::net
