// What the reaper promises: images die on its thread, and nothing is left behind when it stops.

#include "snapshot/reaper.h"

#include <atomic>
#include <chrono>

#include "support_hub.h"

namespace apim::snapshot {
namespace {

// An image that notes the thread it died on.
std::shared_ptr<const Image> watched(std::atomic<int>& deaths, std::thread::id& death_thread) {
  auto image = test::make_image(test::World().catalog);
  const Image* const raw = image.get();
  return {raw, [image = std::move(image), &deaths, &death_thread](const Image*) mutable {
            image.reset();
            death_thread = std::this_thread::get_id();
            ++deaths;
          }};
}

TEST(Reaper, FreesOnAThreadOfItsOwn) {
  std::atomic<int> deaths{0};
  std::thread::id death_thread;
  Reaper reaper;
  reaper.start();
  reaper.take(watched(deaths, death_thread));
  reaper.stop();
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_NE(death_thread, std::this_thread::get_id());
}

TEST(Reaper, FreesEverythingBeforeItStops) {
  std::atomic<int> deaths{0};
  std::thread::id ignored;
  Reaper reaper;
  reaper.start();
  for (int i = 0; i < 50; ++i) reaper.take(watched(deaths, ignored));
  reaper.stop();
  EXPECT_EQ(deaths.load(), 50);
}

TEST(Reaper, AfterItsEndImagesDieWhereTheyAre) {
  std::atomic<int> deaths{0};
  std::thread::id death_thread;
  Reaper reaper;
  reaper.start();
  reaper.stop();
  reaper.stop();
  reaper.take(watched(deaths, death_thread));
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(death_thread, std::this_thread::get_id());
}

}  // namespace
}  // namespace apim::snapshot
