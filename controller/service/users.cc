#include "service/users.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "store/password.h"
#include "store/users.h"

namespace apim::service::users {
namespace {

namespace rows = store::users;
using model::User;

constexpr int kCodeInvalid = 900700;
constexpr int kCodeNotFound = 900393;

Result<void> check_password(const std::string& password) {
  if (password.size() >= kPasswordMin && password.size() <= kPasswordMax &&
      password.find('\0') == std::string::npos)
    return {};
  return model::refuse(
      model::bad_request(kCodeInvalid, "The password is not valid",
                         fmt::format("it must have {} to {} bytes", kPasswordMin, kPasswordMax)));
}

Result<void> check_name(const std::string& name) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  };
  if (!name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), is_plain))
    return {};
  return model::refuse(
      model::bad_request(kCodeInvalid, "The user name is not valid",
                         fmt::format("'{}' must be 1 to 100 letters, digits and _-.", name)));
}

Result<void> note_apart(Context& context, const Caller& caller, const std::string& action,
                        const std::string& name) {
  return context.store.write(
      [&](Transaction& tx) { return note(tx, caller, action, "user '" + name + "'"); });
}

std::string made_up_password() {
  std::array<unsigned char, 18> secret{};
  randombytes_buf(secret.data(), secret.size());
  std::array<char, 32> text{};
  sodium_bin2base64(text.data(), text.size(), secret.data(), secret.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

}  // namespace

Result<std::vector<User>> list(Context& context, const Caller& caller) {
  CHECK_OR_REFUSE(permit(caller, permissions::kUserManage));
  return context.store.shared().read(
      [&](Transaction& tx) { return rows::list(tx, caller.tenant); });
}

Result<User> create(Context& context, const Caller& caller, const std::string& name,
                    const std::string& password, const std::vector<std::string>& roles) {
  CHECK_OR_REFUSE(permit(caller, permissions::kUserManage));
  CHECK_OR_REFUSE(check_name(name));
  CHECK_OR_REFUSE(check_password(password));
  User user;
  user.tenant = caller.tenant;
  user.name = name;
  user.roles = roles;
  ASSIGN_OR_REFUSE(user.password_hash, store::hash_password(password));
  ASSIGN_OR_REFUSE(User stored, context.store.shared().write(
                                    [&](Transaction& tx) { return rows::insert(tx, user); }));
  CHECK_OR_REFUSE(note_apart(context, caller, "user.create", name));
  return stored;
}

Result<void> remove(Context& context, const Caller& caller, const std::string& name) {
  CHECK_OR_REFUSE(permit(caller, permissions::kUserManage));
  if (name == caller.user)
    return model::refuse(model::bad_request(kCodeInvalid, "You cannot remove yourself",
                                            "log in as another administrator"));
  CHECK_OR_REFUSE(context.store.shared().write([&](Transaction& tx) -> Result<void> {
    ASSIGN_OR_REFUSE(const auto user, rows::find(tx, caller.tenant, name));
    if (!user) return model::refuse(model::not_found(kCodeNotFound, "User '" + name + "'"));
    return rows::remove(tx, caller.tenant, user->name);
  }));
  return note_apart(context, caller, "user.delete", name);
}

Result<void> change_password(Context& context, const Caller& caller, const std::string& current,
                             const std::string& wanted) {
  CHECK_OR_REFUSE(permit(caller, permissions::kAnyUser));
  CHECK_OR_REFUSE(check_password(wanted));
  ASSIGN_OR_REFUSE(const auto user, context.store.shared().read([&](Transaction& tx) {
    return rows::find(tx, caller.tenant, caller.user);
  }));
  if (!user || !store::password_matches(user->password_hash, current))
    return model::refuse(
        model::bad_request(kCodeInvalid, "The current password is wrong", "nothing was changed"));
  ASSIGN_OR_REFUSE(const std::string hash, store::hash_password(wanted));
  CHECK_OR_REFUSE(context.store.shared().write([&](Transaction& tx) {
    return rows::set_password_hash(tx, caller.tenant, user->name, hash);
  }));
  return note_apart(context, caller, "user.password", caller.user);
}

Result<std::optional<std::string>> make_first_admin(store::Store& store, const std::string& given) {
  ASSIGN_OR_REFUSE(const bool exists,
                   store.shared().read([](Transaction& tx) { return rows::has_admin(tx); }));
  if (exists) return std::nullopt;
  const std::string password = given.empty() ? made_up_password() : given;
  CHECK_OR_REFUSE(check_password(password));
  User user;
  user.name = "admin";
  user.roles = {"admin"};
  ASSIGN_OR_REFUSE(user.password_hash, store::hash_password(password));
  CHECK_OR_REFUSE(store.shared().write([&](Transaction& tx) { return rows::insert(tx, user); }));
  return password;
}

}  // namespace apim::service::users
