// What the ring promises: records come out as they went in, in order, and a full ring only drops.

#include "observe/access_ring.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <memory>

#include <string>
#include <thread>

namespace apim::observe {
namespace {

AccessRecord numbered(uint64_t number, std::string_view path) {
  AccessRecord record;
  record.epoch = number;
  record.path = path;
  return record;
}

TEST(AccessRing, ARecordComesOutAsItWentIn) {
  const auto owned = std::make_unique<AccessRing>();
  AccessRing& ring = *owned;
  AccessRecord in;
  in.wall_ms = 1;
  in.client = *parse_address("10.0.0.1");
  in.fault = FaultCode::Denied;
  in.status = 403;
  in.worker = 3;
  in.has_query = true;
  std::string text = "x";
  for (const AccessText& member : kAccessTexts) in.*member.member = text;
  ASSERT_TRUE(ring.push(in));
  text = "y";
  AccessRecord out;
  ASSERT_TRUE(ring.front(&out));
  EXPECT_EQ(out.wall_ms, 1u);
  EXPECT_EQ(out.client, in.client);
  EXPECT_EQ(out.fault, FaultCode::Denied);
  EXPECT_EQ(out.status, 403);
  EXPECT_EQ(out.worker, 3);
  EXPECT_TRUE(out.has_query);
  EXPECT_FALSE(out.truncated);
  for (const AccessText& member : kAccessTexts) EXPECT_EQ(out.*member.member, "x");
  ring.drop_front();
  EXPECT_FALSE(ring.front(&out));
}

TEST(AccessRing, LongTextsAreCutAndMarked) {
  const auto owned = std::make_unique<AccessRing>();
  AccessRing& ring = *owned;
  const std::string path(5000, 'p');
  ASSERT_TRUE(ring.push(numbered(1, path)));
  AccessRecord out;
  ASSERT_TRUE(ring.front(&out));
  EXPECT_EQ(out.path, path.substr(0, 1024));
  EXPECT_TRUE(out.truncated);
}

TEST(AccessRing, AFullRingDropsCountsAndTakesAgainAfterARead) {
  const auto owned = std::make_unique<AccessRing>();
  AccessRing& ring = *owned;
  const std::string path(100, 'p');
  uint64_t taken = 0;
  while (ring.push(numbered(taken, path))) ++taken;
  EXPECT_GT(taken, 1000u);
  EXPECT_FALSE(ring.push(numbered(taken, path)));
  EXPECT_EQ(ring.dropped(), 2u);
  AccessRecord out;
  ASSERT_TRUE(ring.front(&out));
  ring.drop_front();
  EXPECT_TRUE(ring.push(numbered(taken, path)));
}

TEST(AccessRing, EveryRecordArrivesInOrderThroughManyTurns) {
  const auto owned = std::make_unique<AccessRing>();
  AccessRing& ring = *owned;
  const std::string text(1024, 'q');
  constexpr uint64_t kRecords = 20'000;  // More than ten times around.
  std::thread producer([&] {
    for (uint64_t i = 0; i < kRecords;) {
      const std::string_view path = std::string_view(text).substr(0, i * 7 % 1024);
      if (ring.push(numbered(i, path)))
        ++i;
      else
        std::this_thread::yield();
    }
  });
  AccessRecord out;
  for (uint64_t i = 0; i < kRecords;) {
    if (!ring.front(&out)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(out.epoch, i);
    ASSERT_EQ(out.path.size(), i * 7 % 1024);
    ASSERT_EQ(out.path, std::string_view(text).substr(0, out.path.size()));
    ring.drop_front();
    ++i;
  }
  producer.join();
  EXPECT_FALSE(ring.front(&out));
}

TEST(AccessRing, HalfFullWakesTheReader) {
  const int fd = eventfd(0, EFD_NONBLOCK);
  const auto owned = std::make_unique<AccessRing>();
  AccessRing& ring = *owned;
  ring.set_wake(fd);
  const std::string path(1000, 'p');
  uint64_t count = 0;
  ASSERT_TRUE(ring.push(numbered(0, path)));
  EXPECT_LT(read(fd, &count, sizeof(count)), 0);
  for (size_t i = 0; i < AccessRing::kBytes / 2 / 1000; ++i)
    ASSERT_TRUE(ring.push(numbered(i, path)));
  EXPECT_EQ(read(fd, &count, sizeof(count)), static_cast<ssize_t>(sizeof(count)));
  EXPECT_EQ(count, 1u);
  close(fd);
}

}  // namespace
}  // namespace apim::observe
