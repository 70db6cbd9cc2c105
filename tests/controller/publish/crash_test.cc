// A publishing process is killed at any moment: the hub shows the old snapshot or the new one,
// whole, and the next start finishes what was committed.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "controller/publish/support_world.h"
#include "publish/publisher.h"

namespace apim::publish {
namespace {

constexpr int kRounds = 20;

// Changes and publishes until it is killed; writes a byte once the first change is published.
[[noreturn]] void publish_forever(const support::TemporaryFolder& folder, int round, int ready) {
  const auto store = support::open_store(folder);
  const auto hub = support::open_hub(folder);
  Publisher publisher(store->apim(), *hub, support::signing_key(), support::quick_settings());
  publisher.start();
  for (int n = 0;; ++n) {
    if (n % 4 == 3) {
      support::deploy(*store, "api-" + std::to_string(round) + "-" + std::to_string(n));
    } else {
      support::deny(*store, "10." + std::to_string(round) + ".0." + std::to_string(n % 250));
    }
    publisher.wake();
    if (n == 0 && write(ready, "x", 1) != 1) _exit(1);
  }
}

TEST(Crash, TheHubIsOldOrNewAndTheNextStartFinishes) {
  const support::TemporaryFolder folder;
  std::minstd_rand random(7);
  uint64_t last_epoch = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::array<int, 2> pipe_ends{};
    ASSERT_EQ(pipe(pipe_ends.data()), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) publish_forever(folder, round, pipe_ends[1]);
    close(pipe_ends[1]);
    char byte = 0;
    ASSERT_EQ(read(pipe_ends[0], &byte, 1), 1);
    close(pipe_ends[0]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);

    const auto hub = support::open_hub(folder);
    const std::string file = support::must(hub->current_manifest("Default"));
    if (!file.empty()) {
      const compile::Manifest seen = support::current(*hub);  // Whole, signed, every segment there.
      EXPECT_GE(seen.epoch, last_epoch);
    }
    const auto store = support::open_store(folder);
    Publisher publisher(store->apim(), *hub, support::signing_key(), support::quick_settings());
    publisher.start();
    const uint64_t newest = support::newest_epoch(*store);
    ASSERT_TRUE(publisher.wait_published(newest, kLongMs)) << "round " << round;
    const compile::Manifest finished = support::current(*hub);
    EXPECT_GE(finished.epoch, newest);
    EXPECT_EQ(finished.content, support::expected(*store)) << "round " << round;
    last_epoch = finished.epoch;
  }
}

}  // namespace
}  // namespace apim::publish
