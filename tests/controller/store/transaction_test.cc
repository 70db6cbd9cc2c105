// What one unit of work promises.

#include "store/transaction.h"

#include <regex>
#include <set>

#include "controller/store/support_store.h"
#include "store/outbox.h"

namespace apim::store {
namespace {

STORE_SUITE(TransactionTest);

using Kind = model::Change::Kind;

TEST_P(TransactionTest, ValuesComeBackAsTheyWentIn) {
  const std::string text =
      "it's \"quoted\"; -- ? :name %_ Gr\xc3\xbc\xc3\x9f"
      "e\n\t\\";
  const int64_t large = 0x7fff'ffff'ffff'fff0;
  write([&](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(tx.run("CREATE TABLE scratch (a TEXT NOT NULL, b BIGINT NOT NULL)"));
    CHECK_OR_REFUSE(tx.run("INSERT INTO scratch (a, b) VALUES (?, ?)", {text, large}));
    CHECK_OR_REFUSE(tx.run("INSERT INTO scratch (a, b) VALUES (?, ?)", {std::string(), -large}));
    return {};
  });
  const auto rows =
      read([](Transaction& tx) -> Result<std::vector<std::pair<std::string, int64_t>>> {
        std::vector<std::pair<std::string, int64_t>> found;
        CHECK_OR_REFUSE((tx.each<std::string, int64_t>(
            "SELECT a, b FROM scratch ORDER BY b DESC", {},
            [&](std::string a, int64_t b) { found.emplace_back(std::move(a), b); })));
        return found;
      });
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], std::pair(text, large));
  EXPECT_EQ(rows[1], std::pair(std::string(), -large));
}

TEST_P(TransactionTest, RunCountsTheRowsItTouched) {
  const auto [three, none] = write([](Transaction& tx) -> Result<std::pair<int64_t, int64_t>> {
    CHECK_OR_REFUSE(tx.run("CREATE TABLE scratch (n BIGINT NOT NULL)"));
    CHECK_OR_REFUSE(tx.run("INSERT INTO scratch (n) VALUES (1), (2), (3)"));
    ASSIGN_OR_REFUSE(const int64_t all, tx.run("UPDATE scratch SET n = n + 1"));
    ASSIGN_OR_REFUSE(const int64_t zero, tx.run("DELETE FROM scratch WHERE n > ?", {int64_t{9}}));
    return std::pair(all, zero);
  });
  EXPECT_EQ(three, 3);
  EXPECT_EQ(none, 0);
}

TEST_P(TransactionTest, TextThatOneDatabaseWouldChangeIsRefused) {
  for (const std::string& text : {std::string("a\0b", 3), std::string("\xff")}) {
    const Problem problem = refusal([&](Transaction& tx) {
      return tx.run("UPDATE apim_sequence SET value = value WHERE name = ?", {text});
    });
    EXPECT_EQ(problem.http_status, 400);
  }
}

TEST_P(TransactionTest, AFailedStatementEndsTheTransaction) {
  write([](Transaction& tx) -> Result<void> { return tx.changed(Kind::Deny, 0); });
  refusal([](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(tx.changed(Kind::Deny, 0));
    EXPECT_FALSE(tx.run("SELEKT").has_value());
    EXPECT_FALSE(tx.number("SELECT 1").has_value()) << "nothing works any more";
    return {};
  });
}

TEST_P(TransactionTest, OneTransactionHasOneEpoch) {
  const auto [first, second, third] = write([](Transaction& tx) -> Result<std::array<uint64_t, 3>> {
    ASSIGN_OR_REFUSE(const uint64_t before, tx.epoch());
    CHECK_OR_REFUSE(tx.changed(Kind::Api, 7));
    CHECK_OR_REFUSE(tx.changed(Kind::Api, 7));
    CHECK_OR_REFUSE(tx.changed(Kind::Application, 7));
    ASSIGN_OR_REFUSE(const uint64_t during, tx.epoch());
    ASSIGN_OR_REFUSE(const uint64_t taken, tx.take_epoch());
    return std::array{before, during, taken};
  });
  EXPECT_EQ(second, first + 1);
  EXPECT_EQ(third, second);
  const auto changes = read([&](Transaction& tx) { return outbox::changes_since(tx, first); });
  EXPECT_EQ(changes.size(), 2u) << "the same change is noted once";
}

TEST_P(TransactionTest, ARolledBackEpochIsGivenAgain) {
  const auto take = [](Transaction& tx) { return tx.take_epoch(); };
  const uint64_t first = write(take);
  refusal([&](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(tx.take_epoch());
    return model::refuse(model::conflict(1, "no", "no"));
  });
  EXPECT_EQ(write(take), first + 1);
}

TEST_P(TransactionTest, AnUnknownSequenceIsAProblem) {
  EXPECT_EQ(refusal([](Transaction& tx) { return tx.next_id("nothing"); }).http_status, 500);
}

TEST(Uuid, IsRandomAndOfVersionFour) {
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = new_uuid();
    EXPECT_TRUE(std::regex_match(uuid, form)) << uuid;
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

}  // namespace
}  // namespace apim::store
