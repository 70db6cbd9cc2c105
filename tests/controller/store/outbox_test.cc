// What changed at which epoch.

#include "store/outbox.h"

#include <set>
#include <thread>

#include "controller/store/support_store.h"
#include "store/outbox_kind.h"

namespace apim::store {
namespace {

STORE_SUITE(OutboxTest);

using Kind = model::Change::Kind;

TEST(OutboxKind, TextsGoBothWaysAndStrangersMeanEverything) {
  for (const Kind kind :
       {Kind::Api, Kind::Application, Kind::Policy, Kind::Deny, Kind::Everything}) {
    EXPECT_EQ(parse_kind(to_text(kind)), kind);
  }
  EXPECT_EQ(parse_kind("invented later"), Kind::Everything);
}

TEST_P(OutboxTest, EpochsOfConcurrentWritersAreWithoutGapsAndComeWithTheirChanges) {
  const uint64_t before = read(outbox::newest);
  constexpr int kThreads = 3;
  constexpr int kWrites = 30;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto database = must(Database::open(settings_of(url_)));
      for (int k = 0; k < kWrites; ++k) {
        const auto id = static_cast<uint32_t>(1000 * i + k);
        if (k % 5 == 0) {  // some give up half way
          refused(database->write([&](Transaction& tx) -> Result<void> {
            CHECK_OR_REFUSE(tx.changed(Kind::Api, 999'999));
            return model::refuse(model::conflict(1, "no", "no"));
          }));
        }
        must(database->write([&](Transaction& tx) { return tx.changed(Kind::Api, id); }));
      }
    });
  }
  // Meanwhile a reader follows, as the publisher does: it never sees a change it had to see before.
  std::set<uint32_t> seen;
  uint64_t last = before;
  while (seen.size() < kThreads * kWrites) {
    const auto [changes, newest] =
        read([&](Transaction& tx) -> Result<std::pair<std::vector<model::Change>, uint64_t>> {
          ASSIGN_OR_REFUSE(auto found, outbox::changes_since(tx, last));
          ASSIGN_OR_REFUSE(const uint64_t epoch, outbox::newest(tx));
          return std::pair(std::move(found), epoch);
        });
    for (const model::Change& change : changes) {
      ASSERT_EQ(change.epoch, last + 1) << "one change an epoch here, no gap";
      last = change.epoch;
      EXPECT_TRUE(seen.insert(change.id).second);
    }
    ASSERT_EQ(last, newest);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(seen.contains(999'999));
  EXPECT_EQ(read(outbox::newest), before + kThreads * kWrites);
}

TEST_P(OutboxTest, WhatWasTrimmedCountsAsEverything) {
  const auto change = [](uint32_t id) {
    return [id](Transaction& tx) { return tx.changed(Kind::Application, id); };
  };
  const uint64_t before = read(outbox::newest);
  write(change(1));
  write(change(2));
  write(change(3));
  write([&](Transaction& tx) { return outbox::trim(tx, before + 2); });
  const auto since = [&](uint64_t epoch) {
    return read([&](Transaction& tx) { return outbox::changes_since(tx, epoch); });
  };
  ASSERT_EQ(since(before + 2).size(), 1u);
  EXPECT_EQ(since(before + 2)[0].id, 3u);
  ASSERT_EQ(since(before + 1).size(), 1u);
  EXPECT_EQ(since(before + 1)[0].kind, Kind::Everything);
  EXPECT_EQ(since(before + 1)[0].epoch, before + 3);
  EXPECT_EQ(since(0)[0].kind, Kind::Everything);
  write([&](Transaction& tx) { return outbox::trim(tx, before); });
  EXPECT_EQ(since(before + 1)[0].kind, Kind::Everything) << "trimming never goes back";
}

TEST_P(OutboxTest, AnEpochTakenWithoutAChangeLeavesNoRow) {
  const uint64_t epoch = write([](Transaction& tx) { return tx.take_epoch(); });
  EXPECT_EQ(read(outbox::newest), epoch);
  EXPECT_TRUE(read([&](Transaction& tx) { return outbox::changes_since(tx, epoch - 1); }).empty());
}

}  // namespace
}  // namespace apim::store
