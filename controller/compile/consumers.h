// Consumers: applications with their subscriptions, and the `consumers` segments.
//
// A subscription or an application that refers to a policy no gateway enforces
// is closed, not unlimited: the subscription is left out, the application
// stays without any.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compile/limits.h"
#include "model/catalog.h"

namespace apim::compile {

struct LoweredSubscription {
  uint32_t api = 0;
  uint32_t tier = 0;
  model::SubscriptionState state = model::SubscriptionState::Unblocked;
};

struct LoweredApplication {
  const model::Application* source = nullptr;
  uint32_t tier = 0;
  std::vector<LoweredSubscription> subscriptions{};  // Sorted by API, each API once.
};

// "user@tenant"
std::string user_of(const model::Application& application);

// The application as deny conditions name it: "admin:app", "bob@foo.com:app" outside carbon.super.
std::string deny_name_of(const model::Application& application);

LoweredApplication lower_application(const model::Application& application,
                                     const std::vector<model::Subscription>& subscriptions,
                                     const PolicyIndex& policies, std::vector<Finding>& findings);

// The payload of one `consumers` segment; `applications` sorted by id.
std::string build_consumers(const std::vector<LoweredApplication>& applications);

}  // namespace apim::compile
