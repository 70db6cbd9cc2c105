#include "store/lifecycles.h"

#include "model/api_codec.h"
#include "store/apis.h"

namespace apim::store::lifecycles {

Result<void> move(Transaction& tx, const std::string& tenant, const std::string& api_uuid,
                  model::Lifecycle to, const std::string& user) {
  ASSIGN_OR_REFUSE(const uint32_t id, apis::id_of(tx, tenant, api_uuid));
  ASSIGN_OR_REFUSE(
      const auto before,
      (tx.first<std::string>("SELECT status FROM am_api WHERE api_id = ?", {int64_t{id}})));
  CHECK_OR_REFUSE(tx.run("UPDATE am_api SET status = ?, updated_time = ? WHERE api_id = ?",
                         {model::to_text(to), tx.now_ms(), int64_t{id}}));
  ASSIGN_OR_REFUSE(const uint32_t event, tx.next_id("lc_event"));
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO am_api_lc_event (event_id, api_id, organization, previous_state, "
             "new_state, user_id, event_date) VALUES (?, ?, ?, ?, ?, ?, ?)",
             {int64_t{event}, int64_t{id}, tenant, std::get<0>(*before), model::to_text(to), user,
              tx.now_ms()}));
  return tx.changed(model::Change::Kind::Api, id);
}

Result<std::vector<Step>> history(Transaction& tx, const std::string& tenant,
                                  const std::string& api_uuid) {
  ASSIGN_OR_REFUSE(const uint32_t id, apis::id_of(tx, tenant, api_uuid));
  const auto state = [](const std::string& text) {
    return model::parse_lifecycle(text).value_or(model::Lifecycle::Retired);
  };
  std::vector<Step> steps;
  CHECK_OR_REFUSE((tx.each<std::string, std::string, std::string, int64_t>(
      "SELECT previous_state, new_state, user_id, event_date FROM am_api_lc_event WHERE api_id = ? "
      "ORDER BY event_id",
      {int64_t{id}},
      [&](const std::string& from, const std::string& to, std::string user, int64_t at_ms) {
        steps.push_back(
            {.from = state(from), .to = state(to), .user = std::move(user), .at_ms = at_ms});
      })));
  return steps;
}

}  // namespace apim::store::lifecycles
