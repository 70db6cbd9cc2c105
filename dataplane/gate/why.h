// Why: what this gateway would decide for a described request, and for which reasons.
//
// The steps of a request's way themselves run on an exchange of their own, on
// the newest image: the wire's guard and parser, match, authenticate, shape. Of
// throttle the looking way runs, which shares its levels and its rule with the
// charging one. No token is spent, no counter changes, no back end is called.
// Keys are never told, nor values of fields, nor the query.

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/config.h"
#include "gate/admin.h"
#include "snapshot/image.h"
#include "throttle/pool.h"
#include "upstream/balance.h"

namespace apim::gate {

// Which endpoint a worker would take next, or the fault it would answer with.
struct WorkerChoice {
  uint8_t worker = 0;
  Result<upstream::Balance::Choice> choice;
};

// Whom the choice is for; all point into `image`, which is held as long as it is needed.
struct ChoiceQuestion {
  std::shared_ptr<const snapshot::Image> image;
  const fbs::Api* api = nullptr;
  const fbs::EndpointGroup* group = nullptr;
};

// What decides besides the request.
struct WhyState {
  std::shared_ptr<const snapshot::Image> image;  // Null: none yet.
  uint64_t live_epoch = 0;                       // Of every worker; 0: none yet.
  uint64_t now_ms = 0;                           // Wall time.
  std::string_view gateway_id;
  const Settings& settings;
  const throttle::Pools& counters;
  // Asks the workers; one that does not answer in time is left out.
  std::function<std::vector<WorkerChoice>(const ChoiceQuestion&)> choices;
};

// Status 200 when the request could be explained, whatever it would be answered; 400, 403, 415 when
// the question itself is wrong.
AdminPage why_page(const AdminRequest& request, const WhyState& state);

}  // namespace apim::gate
