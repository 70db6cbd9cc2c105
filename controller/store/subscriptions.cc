#include "store/subscriptions.h"

#include "store/apis.h"
#include "store/applications.h"
#include "store/enum_text.h"
#include "store/policies.h"
#include "store/rows.h"

namespace apim::store::rows {

Result<std::vector<model::Subscription>> subscriptions(Transaction& tx, const Where& where) {
  std::vector<model::Subscription> found;
  EnumReader reader;
  using std::string;
  CHECK_OR_REFUSE((tx.each<int64_t, string, string, int64_t, string, int64_t, string, string,
                           int64_t>(
      "SELECT s.subscription_id, s.uuid, a.api_uuid, s.api_id, p.uuid, s.application_id, "
      "s.tier_id, "
      "s.sub_status, s.created_time FROM am_subscription s JOIN am_api a ON a.api_id = s.api_id "
      "JOIN am_application p ON p.application_id = s.application_id WHERE " +
          where.condition + " " +
          (where.order.empty() ? "ORDER BY s.subscription_id" : where.order),
      where.values,
      [&](int64_t id, string uuid, string api_uuid, int64_t api_id, string application_uuid,
          int64_t application_id, string policy, const string& state, int64_t created_ms) {
        found.push_back({.id = static_cast<uint32_t>(id),
                         .uuid = std::move(uuid),
                         .api_uuid = std::move(api_uuid),
                         .api_id = static_cast<uint32_t>(api_id),
                         .application_uuid = std::move(application_uuid),
                         .application_id = static_cast<uint32_t>(application_id),
                         .throttling_policy = std::move(policy),
                         .state = reader.read<model::SubscriptionState>(state),
                         .created_ms = created_ms});
      })));
  CHECK_OR_REFUSE(reader.check("am_subscription"));
  return found;
}

}  // namespace apim::store::rows

namespace apim::store::subscriptions {
namespace {

Result<void> check_policy(Transaction& tx, const std::string& tenant, const std::string& policy) {
  if (model::is_unlimited_name(policy)) return {};
  ASSIGN_OR_REFUSE(const auto known,
                   policies::find_by_name(tx, tenant, model::PolicyLevel::Subscription, policy));
  if (known) return {};
  return model::refuse(
      model::bad_request(900305, "The tier name is invalid.",
                         "there is no subscription throttling policy '" + policy + "'"));
}

Result<std::string> name_of(Transaction& tx, uint32_t api_id) {
  ASSIGN_OR_REFUSE(const auto row, (tx.first<std::string, std::string>(
                                       "SELECT api_name, api_version FROM am_api WHERE api_id = ?",
                                       {int64_t{api_id}})));
  return "API '" + std::get<0>(*row) + "' " + std::get<1>(*row);
}

}  // namespace

Result<model::Subscription> insert(Transaction& tx, const std::string& tenant,
                                   model::Subscription subscription) {
  ASSIGN_OR_REFUSE(subscription.api_id, apis::id_of(tx, tenant, subscription.api_uuid));
  ASSIGN_OR_REFUSE(const model::Application application,
                   applications::find(tx, tenant, subscription.application_uuid));
  subscription.application_id = application.id;
  ASSIGN_OR_REFUSE(const auto taken,
                   find_pair(tx, tenant, subscription.api_uuid, subscription.application_uuid));
  if (taken) {
    ASSIGN_OR_REFUSE(const std::string api, name_of(tx, subscription.api_id));
    return model::refuse(model::conflict(
        900336, "Subscription already exists",
        "application '" + application.name + "' is subscribed to " + api + " already"));
  }
  CHECK_OR_REFUSE(check_policy(tx, tenant, subscription.throttling_policy));
  if (subscription.uuid.empty()) subscription.uuid = new_uuid();
  ASSIGN_OR_REFUSE(subscription.id, tx.next_id("subscription"));
  subscription.created_ms = tx.now_ms();
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO am_subscription (subscription_id, uuid, organization, api_id, "
             "application_id, tier_id, sub_status, created_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
             {int64_t{subscription.id}, subscription.uuid, tenant, int64_t{subscription.api_id},
              int64_t{subscription.application_id}, subscription.throttling_policy,
              text_of(subscription.state), subscription.created_ms}));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Application, subscription.application_id));
  return subscription;
}

Result<model::Subscription> update(Transaction& tx, const std::string& tenant,
                                   model::Subscription subscription) {
  ASSIGN_OR_REFUSE(model::Subscription stored, find(tx, tenant, subscription.uuid));
  CHECK_OR_REFUSE(check_policy(tx, tenant, subscription.throttling_policy));
  stored.throttling_policy = subscription.throttling_policy;
  stored.state = subscription.state;
  CHECK_OR_REFUSE(
      tx.run("UPDATE am_subscription SET tier_id = ?, sub_status = ? WHERE organization = ? AND "
             "uuid = ?",
             {stored.throttling_policy, text_of(stored.state), tenant, stored.uuid}));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Application, stored.application_id));
  return stored;
}

Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(const model::Subscription stored, find(tx, tenant, uuid));
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_subscription WHERE organization = ? AND uuid = ?", {tenant, uuid}));
  return tx.changed(model::Change::Kind::Application, stored.application_id);
}

Result<model::Subscription> find(Transaction& tx, const std::string& tenant,
                                 const std::string& uuid) {
  ASSIGN_OR_REFUSE(auto found,
                   rows::subscriptions(tx, {.condition = "s.organization = ? AND s.uuid = ?",
                                            .values = {tenant, uuid},
                                            .order = ""}));
  if (found.empty()) return model::refuse(model::not_found(900310, "subscription '" + uuid + "'"));
  return std::move(found.front());
}

Result<std::optional<model::Subscription>> find_pair(Transaction& tx, const std::string& tenant,
                                                     const std::string& api_uuid,
                                                     const std::string& application_uuid) {
  ASSIGN_OR_REFUSE(
      auto found,
      rows::subscriptions(tx, {.condition = "s.organization = ? AND a.api_uuid = ? AND p.uuid = ?",
                               .values = {tenant, api_uuid, application_uuid},
                               .order = ""}));
  if (found.empty()) return std::optional<model::Subscription>{};
  return std::optional<model::Subscription>(std::move(found.front()));
}

Result<Listing<model::Subscription>> list(Transaction& tx, const std::string& tenant,
                                          const Filter& filter) {
  rows::Where where{.condition = "s.organization = ?", .values = {tenant}, .order = ""};
  if (!filter.api_uuid.empty()) {
    where.condition += " AND a.api_uuid = ?";
    where.values.emplace_back(filter.api_uuid);
  }
  if (!filter.application_uuid.empty()) {
    where.condition += " AND p.uuid = ?";
    where.values.emplace_back(filter.application_uuid);
  }
  Listing<model::Subscription> listing;
  ASSIGN_OR_REFUSE(
      const int64_t total,
      tx.number("SELECT COUNT(*) FROM am_subscription s JOIN am_api a ON a.api_id = s.api_id JOIN "
                "am_application p ON p.application_id = s.application_id WHERE " +
                    where.condition,
                where.values));
  listing.total = static_cast<uint64_t>(total);
  where.order = "ORDER BY s.subscription_id LIMIT ? OFFSET ?";
  where.values.emplace_back(int64_t{filter.page.limit});
  where.values.emplace_back(int64_t{filter.page.offset});
  ASSIGN_OR_REFUSE(listing.items, rows::subscriptions(tx, where));
  return listing;
}

}  // namespace apim::store::subscriptions
