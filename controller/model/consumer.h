// Consumer: applications, their subscriptions and their API keys.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace apim::model {

enum class KeyType : uint8_t { Production, Sandbox };
enum class SubscriptionState : uint8_t {
  Unblocked,
  Blocked,
  ProductionBlocked,
  OnHold,
  Rejected,
  TierUpdatePending,
  DeletePending
};

struct Application {
  uint32_t id = 0;  // APPLICATION_ID; 0 = not stored yet
  std::string uuid;
  std::string tenant = "carbon.super";
  std::string owner;  // user name
  std::string name;
  std::string description;
  std::string throttling_policy = "Unlimited";  // application level
  std::string token_type = "JWT";
  std::string status = "APPROVED";
  std::vector<std::string> groups;
  std::map<std::string, std::string> attributes;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
};

struct Subscription {
  uint32_t id = 0;
  std::string uuid;
  std::string api_uuid;
  uint32_t api_id = 0;
  std::string application_uuid;
  uint32_t application_id = 0;
  std::string throttling_policy;  // subscription level
  SubscriptionState state = SubscriptionState::Unblocked;
  int64_t created_ms = 0;
};

// The key itself is shown once and never stored.
struct ApiKey {
  std::string uuid;
  std::string name;
  std::array<uint8_t, 32> digest{};  // SHA-256 of the key's text
  uint32_t application_id = 0;
  std::string application_uuid;
  KeyType type = KeyType::Production;
  int64_t created_ms = 0;
  int64_t expires_s = 0;           // Unix time; 0 = never
  std::string permitted_ips;       // comma list: addresses and CIDR
  std::string permitted_referers;  // comma list, '*' matches any run
  std::string user;                // who generated it
};

}  // namespace apim::model
