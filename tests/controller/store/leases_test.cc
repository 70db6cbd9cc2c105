// Who may publish.

#include "store/leases.h"

#include <thread>

#include "controller/store/support_store.h"

namespace apim::store {
namespace {

class LeasesTest : public StoreTest {
 protected:
  std::optional<leases::Lease> acquire(const std::string& holder) {
    return write([&](Transaction& tx) { return leases::acquire(tx, "publisher", holder, 1000); });
  }
  bool holds(const leases::Lease& lease) {
    return read([&](Transaction& tx) { return leases::holds(tx, lease); });
  }
};
INSTANTIATE_TEST_SUITE_P(, LeasesTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(LeasesTest, OneHolderAtATime) {
  const auto mine = acquire("a");
  ASSERT_TRUE(mine.has_value());
  EXPECT_FALSE(acquire("b").has_value());
  EXPECT_TRUE(holds(*mine));
}

TEST_P(LeasesTest, RenewingKeepsTheToken) {
  const auto first = acquire("a").value();
  now_ms_ += 900;
  const auto second = acquire("a").value();
  EXPECT_EQ(second.token, first.token);
  EXPECT_EQ(second.expires_ms, now_ms_ + 1000);
  now_ms_ += 900;
  EXPECT_TRUE(holds(second));
}

TEST_P(LeasesTest, AnExpiredLeaseGoesToTheNextWithAHigherToken) {
  const auto late = acquire("a").value();
  now_ms_ += 1000;
  EXPECT_FALSE(holds(late));
  const auto next = acquire("b").value();
  EXPECT_GT(next.token, late.token);
  EXPECT_FALSE(holds(late)) << "whoever was away too long finds out";
  EXPECT_TRUE(holds(next));
}

TEST_P(LeasesTest, ComingBackAfterExpiryIsANewTerm) {
  const auto first = acquire("a").value();
  now_ms_ += 5000;
  EXPECT_GT(acquire("a").value().token, first.token);
}

TEST_P(LeasesTest, AReleasedLeaseIsFreeButItsTokenIsSpent) {
  const auto first = acquire("a").value();
  const auto release = [](const leases::Lease& lease) {
    return [lease](Transaction& tx) { return leases::release(tx, lease); };
  };
  write(release(first));
  const auto next = acquire("b").value();
  EXPECT_GT(next.token, first.token);
  write(release(first));
  EXPECT_TRUE(holds(next)) << "somebody else's stays";
}

TEST_P(LeasesTest, ManyWhoAskAtOnceGetOneLease) {
  std::atomic<int> holders = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto database = must(Database::open(settings_of(url_)));
      const auto lease = must(database->write([&](Transaction& tx) {
        return leases::acquire(tx, "publisher", "h" + std::to_string(i), 1000);
      }));
      holders += lease ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(holders, 1);
}

}  // namespace
}  // namespace apim::store
