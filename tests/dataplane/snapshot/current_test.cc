// What Current promises: a request keeps its image, and drained images go to the reaper once.

#include "snapshot/current.h"

#include "support_hub.h"

namespace apim::snapshot {
namespace {

std::shared_ptr<const Image> image(uint64_t epoch) {
  return test::make_image(test::World().catalog, epoch);
}

struct Retired {
  std::vector<uint64_t> epochs;
  Current::Retire hook() {
    return [this](std::shared_ptr<const Image> gone) { epochs.push_back(gone->epoch()); };
  }
};

TEST(Current, ARunningRequestKeepsItsImage) {
  Retired retired;
  Current current(retired.hook());
  EXPECT_FALSE(current.has_image());
  current.adopt(image(1));
  Current::Pin old = current.pin();
  current.adopt(image(2));
  EXPECT_EQ(old->epoch(), 1U);
  EXPECT_EQ(current.pin()->epoch(), 2U);
  EXPECT_EQ(current.live_count(), 2U);
  EXPECT_TRUE(retired.epochs.empty());
  old.release();
  EXPECT_EQ(retired.epochs, std::vector<uint64_t>{1});
  EXPECT_EQ(current.live_count(), 1U);
}

TEST(Current, ImagesDrainInAnyOrder) {
  Retired retired;
  Current current(retired.hook());
  current.adopt(image(1));
  Current::Pin first = current.pin();
  current.adopt(image(2));
  Current::Pin second = current.pin();
  current.adopt(image(3));
  second.release();
  EXPECT_EQ(retired.epochs, std::vector<uint64_t>{2});
  first.release();
  EXPECT_EQ(retired.epochs, (std::vector<uint64_t>{2, 1}));
}

TEST(Current, TheNewestStaysWithoutPins) {
  Retired retired;
  Current current(retired.hook());
  current.adopt(image(1));
  { const Current::Pin pin = current.pin(); }
  EXPECT_TRUE(retired.epochs.empty());
  EXPECT_EQ(current.newest_or_null()->epoch(), 1U);
}

TEST(Current, APinMovesWithoutCountingTwice) {
  Retired retired;
  Current current(retired.hook());
  current.adopt(image(1));
  Current::Pin pin = current.pin();
  Current::Pin moved = std::move(pin);
  EXPECT_FALSE(pin);  // NOLINT: what is left behind is empty by contract.
  current.adopt(image(2));
  moved = current.pin();
  EXPECT_EQ(retired.epochs, std::vector<uint64_t>{1});
  EXPECT_EQ(moved->epoch(), 2U);
}

TEST(Current, ItsEndRetiresWhatIsLeft) {
  Retired retired;
  {
    Current current(retired.hook());
    current.adopt(image(1));
  }
  EXPECT_EQ(retired.epochs, std::vector<uint64_t>{1});
}

}  // namespace
}  // namespace apim::snapshot
