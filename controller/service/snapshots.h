// Snapshots: what is published, who serves it, and the way back.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compile/dump.h"
#include "publish/gateways.h"
#include "service/context.h"

namespace apim::service::snapshots {

constexpr int64_t kWaitMsMax = 60'000;

// 404 (900506) for an environment that does not exist, here and below.
Result<std::vector<publish::Gateway>> gateways(Context& context, const Caller& caller,
                                               const std::string& environment);
Result<publish::Arrival> wait(Context& context, const Caller& caller,
                              const std::string& environment, uint64_t epoch, int64_t timeout_ms);

Result<std::vector<publish::Publication>> list(Context& context, const Caller& caller,
                                               const std::string& environment);
// 404 when the epoch is not kept.
Result<compile::Manifest> get(Context& context, const Caller& caller,
                              const std::string& environment, uint64_t epoch);
Result<nlohmann::json> dump(Context& context, const Caller& caller, const std::string& environment,
                            uint64_t epoch);
// What is wrong with the segments; empty: all well.
Result<std::vector<std::string>> verify(Context& context, const Caller& caller,
                                        const std::string& environment, uint64_t epoch);
Result<std::vector<compile::Difference>> diff(Context& context, const Caller& caller,
                                              const std::string& environment, uint64_t from,
                                              uint64_t to);
// The new epoch with the old content. Holds until the next change is published.
Result<uint64_t> rollback(Context& context, const Caller& caller, const std::string& environment,
                          uint64_t epoch);

}  // namespace apim::service::snapshots
