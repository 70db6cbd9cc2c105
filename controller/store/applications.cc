#include "store/applications.h"

#include <algorithm>

#include "store/policies.h"
#include "store/rows.h"
#include "store/text.h"

namespace apim::store::rows {
namespace {

// The lists of applications already read, which are in order of id.
template <class Add>
Result<void> attach(Transaction& tx, std::vector<model::Application>& applications,
                    const std::string& columns_and_table, const std::string& order, Add add) {
  const auto find = [&](int64_t id) {
    return std::lower_bound(
        applications.begin(), applications.end(), id,
        [](const model::Application& application, int64_t key) { return application.id < key; });
  };
  std::string condition;
  std::vector<Value> values;
  if (applications.size() == 1) {
    condition = " WHERE application_id = ?";
    values.emplace_back(int64_t{applications.front().id});
  }
  return tx.each<int64_t, std::string, std::string>(
      "SELECT application_id, " + columns_and_table + condition + " ORDER BY " + order, values,
      [&](int64_t id, std::string first, std::string second) {
        const auto application = find(id);
        if (application == applications.end() || application->id != id) return;
        add(*application, std::move(first), std::move(second));
      });
}

}  // namespace

Result<std::vector<model::Application>> applications(Transaction& tx, const Where& where) {
  std::vector<model::Application> found;
  using std::string;
  CHECK_OR_REFUSE((tx.each<int64_t, string, string, string, string, string, string, string, string,
                           int64_t, int64_t>(
      "SELECT a.application_id, a.uuid, a.organization, s.user_id, a.name, a.description, "
      "a.application_tier, a.token_type, a.application_status, a.created_time, a.updated_time FROM "
      "am_application a JOIN am_subscriber s ON s.subscriber_id = a.subscriber_id WHERE " +
          where.condition + " " + (where.order.empty() ? "ORDER BY a.application_id" : where.order),
      where.values,
      [&](int64_t id, string uuid, string tenant, string owner, string name, string description,
          string policy, string token_type, string status, int64_t created_ms, int64_t updated_ms) {
        found.push_back({.id = static_cast<uint32_t>(id),
                         .uuid = std::move(uuid),
                         .tenant = std::move(tenant),
                         .owner = std::move(owner),
                         .name = std::move(name),
                         .description = std::move(description),
                         .throttling_policy = std::move(policy),
                         .token_type = std::move(token_type),
                         .status = std::move(status),
                         .groups = {},
                         .attributes = {},
                         .created_ms = created_ms,
                         .updated_ms = updated_ms});
      })));
  if (found.empty()) return found;
  const auto by_id = [](const model::Application& left, const model::Application& right) {
    return left.id < right.id;
  };
  // attach() wants them by id; a page keeps the order it was asked for.
  std::vector<uint32_t> order;
  for (const model::Application& application : found) order.push_back(application.id);
  std::sort(found.begin(), found.end(), by_id);
  CHECK_OR_REFUSE(attach(tx, found, "name, app_attribute FROM am_application_attributes",
                         "application_id, name",
                         [](model::Application& application, string name, string value) {
                           application.attributes[std::move(name)] = std::move(value);
                         }));
  CHECK_OR_REFUSE(attach(tx, found, "group_id, tenant FROM am_application_group_mapping",
                         "application_id, position",
                         [](model::Application& application, string group, const string&) {
                           application.groups.push_back(std::move(group));
                         }));
  if (where.order.empty()) return found;
  std::vector<model::Application> ordered;
  for (const uint32_t id : order) {
    const auto at = std::lower_bound(found.begin(), found.end(), id,
                                     [](const auto& left, uint32_t key) { return left.id < key; });
    ordered.push_back(std::move(*at));
    at->id = id;
  }
  return ordered;
}

}  // namespace apim::store::rows

namespace apim::store::applications {
namespace {

std::string named(const model::Application& application) {
  return "application '" + application.name + "' of " + application.owner;
}

Result<int64_t> subscriber_of(Transaction& tx, const std::string& tenant,
                              const std::string& owner) {
  const auto look = [&] {
    return tx.number(
        "SELECT subscriber_id FROM am_subscriber WHERE organization = ? AND user_id = ?",
        {tenant, owner});
  };
  ASSIGN_OR_REFUSE(const int64_t known, look());
  if (known != 0) return known;
  ASSIGN_OR_REFUSE(const uint32_t id, tx.next_id("subscriber"));
  CHECK_OR_REFUSE(tx.run(
      "INSERT INTO am_subscriber (subscriber_id, organization, user_id, created_time) VALUES "
      "(?, ?, ?, ?)",
      {int64_t{id}, tenant, owner, tx.now_ms()}));
  return int64_t{id};
}

Result<void> check(Transaction& tx, const model::Application& application) {
  ASSIGN_OR_REFUSE(const auto taken,
                   find_by_name(tx, application.tenant, application.owner, application.name));
  if (taken && taken->uuid != application.uuid) {
    return model::refuse(model::conflict(900301, "The application already exists.",
                                         named(application) + " already exists"));
  }
  const std::string& policy = application.throttling_policy;
  if (model::is_unlimited_name(policy)) return {};
  ASSIGN_OR_REFUSE(
      const auto known,
      policies::find_by_name(tx, application.tenant, model::PolicyLevel::Application, policy));
  if (known) return {};
  return model::refuse(
      model::bad_request(900305, "The tier name is invalid.",
                         "there is no application throttling policy '" + policy + "'"));
}

Result<void> write_lists(Transaction& tx, const model::Application& application) {
  const int64_t id = application.id;
  CHECK_OR_REFUSE(tx.run("DELETE FROM am_application_attributes WHERE application_id = ?", {id}));
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_application_group_mapping WHERE application_id = ?", {id}));
  for (const auto& [name, value] : application.attributes) {
    CHECK_OR_REFUSE(
        tx.run("INSERT INTO am_application_attributes (application_id, name, app_attribute, "
               "organization) VALUES (?, ?, ?, ?)",
               {id, name, value, application.tenant}));
  }
  int64_t position = 0;
  for (const std::string& group : application.groups) {
    CHECK_OR_REFUSE(
        tx.run("INSERT INTO am_application_group_mapping (application_id, position, group_id, "
               "tenant) VALUES (?, ?, ?, ?)",
               {id, position++, group, application.tenant}));
  }
  return {};
}

Result<std::optional<model::Application>> find_where(Transaction& tx, const std::string& condition,
                                                     const std::vector<Value>& values) {
  ASSIGN_OR_REFUSE(auto found,
                   rows::applications(tx, {.condition = condition, .values = values, .order = ""}));
  if (found.empty()) return std::optional<model::Application>{};
  return std::optional<model::Application>(std::move(found.front()));
}

const char* column_of(Order order) {
  switch (order) {
    case Order::Name: return "lower(a.name)";
    case Order::Created: return "a.created_time";
    case Order::Policy: return "lower(a.application_tier)";
  }
  return "a.application_id";
}

}  // namespace

Result<model::Application> insert(Transaction& tx, model::Application application) {
  if (application.uuid.empty()) application.uuid = new_uuid();
  CHECK_OR_REFUSE(check(tx, application));
  ASSIGN_OR_REFUSE(const int64_t subscriber,
                   subscriber_of(tx, application.tenant, application.owner));
  ASSIGN_OR_REFUSE(application.id, tx.next_id("application"));
  application.created_ms = tx.now_ms();
  application.updated_ms = tx.now_ms();
  CHECK_OR_REFUSE(tx.run(
      "INSERT INTO am_application (application_id, uuid, organization, subscriber_id, name, "
      "application_tier, description, application_status, token_type, created_time, updated_time) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {int64_t{application.id}, application.uuid, application.tenant, subscriber, application.name,
       application.throttling_policy, application.description, application.status,
       application.token_type, application.created_ms, application.updated_ms}));
  CHECK_OR_REFUSE(write_lists(tx, application));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Application, application.id));
  return application;
}

Result<model::Application> update(Transaction& tx, model::Application application) {
  ASSIGN_OR_REFUSE(const model::Application stored, find(tx, application.tenant, application.uuid));
  application.id = stored.id;
  application.created_ms = stored.created_ms;
  application.updated_ms = tx.now_ms();
  CHECK_OR_REFUSE(check(tx, application));
  ASSIGN_OR_REFUSE(const int64_t subscriber,
                   subscriber_of(tx, application.tenant, application.owner));
  CHECK_OR_REFUSE(
      tx.run("UPDATE am_application SET subscriber_id = ?, name = ?, application_tier = ?, "
             "description = ?, application_status = ?, token_type = ?, updated_time = ? WHERE "
             "organization = ? AND uuid = ?",
             {subscriber, application.name, application.throttling_policy, application.description,
              application.status, application.token_type, application.updated_ms,
              application.tenant, application.uuid}));
  CHECK_OR_REFUSE(write_lists(tx, application));
  CHECK_OR_REFUSE(tx.changed(model::Change::Kind::Application, application.id));
  return application;
}

Result<void> remove(Transaction& tx, const std::string& tenant, const std::string& uuid) {
  ASSIGN_OR_REFUSE(const model::Application stored, find(tx, tenant, uuid));
  CHECK_OR_REFUSE(
      tx.run("DELETE FROM am_application WHERE organization = ? AND uuid = ?", {tenant, uuid}));
  return tx.changed(model::Change::Kind::Application, stored.id);
}

Result<model::Application> find(Transaction& tx, const std::string& tenant,
                                const std::string& uuid) {
  ASSIGN_OR_REFUSE(auto found, find_where(tx, "a.organization = ? AND a.uuid = ?", {tenant, uuid}));
  if (!found) return model::refuse(model::not_found(900307, "application '" + uuid + "'"));
  return std::move(*found);
}

Result<std::optional<model::Application>> find_by_name(Transaction& tx, const std::string& tenant,
                                                       const std::string& owner,
                                                       const std::string& name) {
  return find_where(tx, "a.organization = ? AND s.user_id = ? AND a.name = ?",
                    {tenant, owner, name});
}

Result<Listing<model::Application>> list(Transaction& tx, const std::string& tenant,
                                         const Filter& filter) {
  rows::Where where{.condition = "a.organization = ?", .values = {tenant}, .order = ""};
  if (!filter.owner.empty()) {
    where.condition += " AND s.user_id = ?";
    where.values.emplace_back(filter.owner);
  }
  if (!filter.query.empty()) {
    where.condition += " AND lower(a.name) LIKE ? ESCAPE '!'";
    where.values.emplace_back(like_pattern(filter.query, true));
  }
  Listing<model::Application> listing;
  ASSIGN_OR_REFUSE(const int64_t total,
                   tx.number("SELECT COUNT(*) FROM am_application a JOIN am_subscriber s ON "
                             "s.subscriber_id = a.subscriber_id WHERE " +
                                 where.condition,
                             where.values));
  listing.total = static_cast<uint64_t>(total);
  const std::string direction = filter.descending ? " DESC" : "";
  where.order = std::string("ORDER BY ") + column_of(filter.order) + direction +
                ", a.application_id" + direction + " LIMIT ? OFFSET ?";
  where.values.emplace_back(int64_t{filter.page.limit});
  where.values.emplace_back(int64_t{filter.page.offset});
  ASSIGN_OR_REFUSE(listing.items, rows::applications(tx, where));
  return listing;
}

Result<uint64_t> count_subscriptions(Transaction& tx, const std::string& tenant,
                                     const std::string& uuid) {
  ASSIGN_OR_REFUSE(
      const int64_t count,
      tx.number("SELECT COUNT(*) FROM am_subscription s JOIN am_application a ON a.application_id "
                "= s.application_id WHERE a.organization = ? AND a.uuid = ?",
                {tenant, uuid}));
  return static_cast<uint64_t>(count);
}

}  // namespace apim::store::applications
