// Lifecycle: moving an API between its states, with what each state demands (reference 8.5).

#pragma once

#include <string>
#include <vector>

#include "model/lifecycle.h"
#include "service/context.h"
#include "store/lifecycles.h"

namespace apim::service::lifecycle {

struct State {
  model::Lifecycle state = model::Lifecycle::Created;
  std::vector<model::Transition> transitions;
};

Result<State> get(Context& context, const Caller& caller, const std::string& api_uuid);
Result<std::vector<store::lifecycles::Step>> history(Context& context, const Caller& caller,
                                                     const std::string& api_uuid);

struct Wish {
  std::string event;           // "Publish"
  bool deprecate_old = false;  // check item: deprecate older published versions of the same name
};
// 400 (900381) when the event is not allowed now; publishing needs an endpoint and a plan; retiring
// undeploys.
Result<Changed<State>> change_state(Context& context, const Caller& caller,
                                    const std::string& api_uuid, const Wish& wish);

// Walks to `to` event by event, each under its rules. Returns the API as stored then.
Result<model::Api> walk(Transaction& tx, const Caller& caller, model::Api api, model::Lifecycle to);

}  // namespace apim::service::lifecycle
