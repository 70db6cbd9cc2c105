// Tenants, users and roles.

#include "store/users.h"

#include "controller/store/support_store.h"

namespace apim::store {
namespace {

class UsersTest : public StoreTest {
 protected:
  static model::User sample(const std::string& name, const std::vector<std::string>& roles) {
    model::User user;
    user.name = name;
    user.password_hash = "$argon2id$...";
    user.roles = roles;
    return user;
  }
  auto inserting(const model::User& user) {
    return [user](Transaction& tx) { return users::insert(tx, user); };
  }
  std::optional<model::User> look(const std::string& name, const std::string& tenant = kTenant) {
    return read([&](Transaction& tx) { return users::find(tx, tenant, name); });
  }
};
INSTANTIATE_TEST_SUITE_P(, UsersTest, ::testing::Values(Dialect::Sqlite, Dialect::Postgres),
                         dialect_name);

TEST_P(UsersTest, ComeBackWithTheirRoles) {
  EXPECT_FALSE(read(users::has_admin));
  write(inserting(sample("carol", {"Internal/creator", "admin"})));
  EXPECT_TRUE(read(users::has_admin));
  const auto found = look("carol");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->roles, (std::vector<std::string>{"Internal/creator", "admin"}));
  EXPECT_EQ(found->password_hash, "$argon2id$...");
  EXPECT_EQ(found->tenant, kTenant);
  EXPECT_FALSE(found->locked);
}

TEST_P(UsersTest, NamesDifferByMoreThanCase) {
  write(inserting(sample("Carol", {})));
  EXPECT_EQ(look("cAROL").value().name, "Carol");
  const Problem problem = refusal(inserting(sample("CAROL", {})));
  EXPECT_EQ(problem.http_status, 409);
  EXPECT_NE(problem.description.find("'Carol'"), std::string::npos);
}

TEST_P(UsersTest, UnknownRolesAndTenantsAreNamed) {
  EXPECT_NE(refusal(inserting(sample("carol", {"wizard"}))).description.find("'wizard'"),
            std::string::npos);
  EXPECT_FALSE(look("carol").has_value()) << "nothing half-created stays";
  model::User stranger = sample("carol", {});
  stranger.tenant = "foo.com";
  EXPECT_EQ(refusal(inserting(stranger)).http_status, 404);
}

TEST_P(UsersTest, RolesPasswordAndLockChange) {
  write(inserting(sample("carol", {"admin"})));
  write([](Transaction& tx) -> Result<void> {
    CHECK_OR_REFUSE(users::add_role(tx, kTenant, "manager"));
    CHECK_OR_REFUSE(users::set_roles(tx, kTenant, "carol", {"manager"}));
    CHECK_OR_REFUSE(users::set_password_hash(tx, kTenant, "carol", "new"));
    return users::set_locked(tx, kTenant, "carol", true);
  });
  const auto found = look("carol").value();
  EXPECT_EQ(found.roles, std::vector<std::string>{"manager"});
  EXPECT_EQ(found.password_hash, "new");
  EXPECT_TRUE(found.locked);
  EXPECT_FALSE(read(users::has_admin));
  EXPECT_EQ(
      refusal([](Transaction& tx) { return users::set_locked(tx, kTenant, "nobody", true); }).code,
      900603);
}

TEST_P(UsersTest, RemovedUsersAreGone) {
  write(inserting(sample("carol", {"admin"})));
  write(inserting(sample("bob", {})));
  write([](Transaction& tx) { return users::remove(tx, kTenant, "carol"); });
  const auto list = read([](Transaction& tx) { return users::list(tx, kTenant); });
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].name, "bob");
}

TEST_P(UsersTest, TenantsHaveTheirOwnUsersAndRoles) {
  const auto tenant = write([](Transaction& tx) { return users::insert_tenant(tx, "foo.com"); });
  EXPECT_GT(tenant.id, 0);
  model::User user = sample("carol", {"Internal/subscriber"});
  user.tenant = "foo.com";
  write(inserting(user));
  EXPECT_FALSE(look("carol").has_value());
  EXPECT_TRUE(look("carol", "foo.com").has_value());
  EXPECT_EQ(
      refusal([](Transaction& tx) { return users::insert_tenant(tx, "foo.com"); }).http_status,
      409);
  const auto all = read(users::tenants);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, -1234);
  EXPECT_EQ(all[0].domain, "carbon.super");
  EXPECT_EQ(all[1].domain, "foo.com");
}

}  // namespace
}  // namespace apim::store
