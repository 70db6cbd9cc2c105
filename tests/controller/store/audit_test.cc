// The audit log: append only and chained.

#include "store/audit.h"

#include "controller/store/support_store.h"

namespace apim::store {
namespace {

class AuditTest : public StoreTest {
 protected:
  void add(const std::string& target, const std::string& tenant = kTenant) {
    now_ms_ += 5;
    write([&](Transaction& tx) {
      return audit::append(tx, {.tenant = tenant,
                                .user = "carol",
                                .action = "api.deploy",
                                .target = target,
                                .before = "",
                                .after = "{}"});
    });
  }
  std::optional<uint64_t> broken() { return read(audit::first_broken); }
  // Somebody with the database's keys does what the triggers forbid.
  void tamper(const std::string& sql) {
    write([&](Transaction& tx) -> Result<void> {
      if (GetParam() == Dialect::Sqlite) {
        CHECK_OR_REFUSE(tx.run("DROP TRIGGER IF EXISTS apim_audit_no_update"));
        CHECK_OR_REFUSE(tx.run("DROP TRIGGER IF EXISTS apim_audit_no_delete"));
      } else {
        CHECK_OR_REFUSE(tx.run("ALTER TABLE apim_audit DISABLE TRIGGER ALL"));
      }
      CHECK_OR_REFUSE(tx.run(sql));
      return {};
    });
  }
};
INSTANTIATE_TEST_SUITE_P(, AuditTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(AuditTest, ListsNewestFirstByTenant) {
  add("first");
  add("theirs", "foo.com");
  add("second");
  add("third");
  const auto page =
      read([](Transaction& tx) { return audit::list(tx, kTenant, {.limit = 2, .offset = 0}); });
  EXPECT_EQ(page.total, 3u);
  ASSERT_EQ(page.items.size(), 2u);
  EXPECT_EQ(page.items[0].target, "third");
  EXPECT_EQ(page.items[0].number, 4u);
  EXPECT_EQ(page.items[0].user, "carol");
  EXPECT_EQ(page.items[0].action, "api.deploy");
  EXPECT_EQ(page.items[0].after, "{}");
  EXPECT_EQ(page.items[0].at_ms, now_ms_);
  EXPECT_EQ(page.items[1].target, "second");
  EXPECT_EQ(broken(), std::nullopt);
}

TEST_P(AuditTest, RowsCannotBeChangedOrRemoved) {
  add("first");
  refusal([](Transaction& tx) { return tx.run("UPDATE apim_audit SET target = 'x'"); });
  refusal([](Transaction& tx) { return tx.run("DELETE FROM apim_audit"); });
  EXPECT_EQ(broken(), std::nullopt);
}

TEST_P(AuditTest, AChangedRowIsFound) {
  for (const char* target : {"first", "second", "third"}) add(target);
  tamper("UPDATE apim_audit SET user_id = 'mallory' WHERE number = 2");
  EXPECT_EQ(broken(), 2u);
}

TEST_P(AuditTest, AMissingRowIsFound) {
  for (const char* target : {"first", "second", "third"}) add(target);
  tamper("DELETE FROM apim_audit WHERE number = 2");
  EXPECT_EQ(broken(), 2u);
}

TEST_P(AuditTest, MovingTextBetweenFieldsIsFound) {
  add("first");
  tamper("UPDATE apim_audit SET user_id = 'carolapi', action = '.deploy' WHERE number = 1");
  EXPECT_EQ(broken(), 1u);
}

}  // namespace
}  // namespace apim::store
