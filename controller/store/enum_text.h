// EnumText: the texts enumerations have in columns; WSO2's where WSO2 has the column.

#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "model/consumer.h"
#include "model/policy.h"
#include "store/transaction.h"

namespace apim::store {

template <class Enum>
struct EnumText;

template <>
struct EnumText<model::KeyType> {
  static constexpr std::array<std::pair<model::KeyType, std::string_view>, 2> kRows{{
      {model::KeyType::Production, "PRODUCTION"},
      {model::KeyType::Sandbox, "SANDBOX"},
  }};
};

template <>
struct EnumText<model::SubscriptionState> {
  static constexpr std::array<std::pair<model::SubscriptionState, std::string_view>, 7> kRows{{
      {model::SubscriptionState::Unblocked, "UNBLOCKED"},
      {model::SubscriptionState::Blocked, "BLOCKED"},
      {model::SubscriptionState::ProductionBlocked, "PROD_ONLY_BLOCKED"},
      {model::SubscriptionState::OnHold, "ON_HOLD"},
      {model::SubscriptionState::Rejected, "REJECTED"},
      {model::SubscriptionState::TierUpdatePending, "TIER_UPDATE_PENDING"},
      {model::SubscriptionState::DeletePending, "DELETE_PENDING"},
  }};
};

template <>
struct EnumText<model::TimeUnit> {
  static constexpr std::array<std::pair<model::TimeUnit, std::string_view>, 7> kRows{{
      {model::TimeUnit::Second, "sec"},
      {model::TimeUnit::Minute, "min"},
      {model::TimeUnit::Hour, "hour"},
      {model::TimeUnit::Day, "days"},
      {model::TimeUnit::Week, "week"},
      {model::TimeUnit::Month, "month"},
      {model::TimeUnit::Year, "year"},
  }};
};

template <>
struct EnumText<model::QuotaKind> {
  static constexpr std::array<std::pair<model::QuotaKind, std::string_view>, 4> kRows{{
      {model::QuotaKind::Requests, "requestCount"},
      {model::QuotaKind::Bytes, "bandwidthVolume"},
      {model::QuotaKind::Events, "eventCount"},
      {model::QuotaKind::AiTokens, "aiApiQuota"},
  }};
};

template <>
struct EnumText<model::DenyCondition::Kind> {
  static constexpr std::array<std::pair<model::DenyCondition::Kind, std::string_view>, 5> kRows{{
      {model::DenyCondition::Kind::Api, "API"},
      {model::DenyCondition::Kind::Application, "APPLICATION"},
      {model::DenyCondition::Kind::User, "USER"},
      {model::DenyCondition::Kind::Ip, "IP"},
      {model::DenyCondition::Kind::IpRange, "IPRANGE"},
  }};
};

template <class Enum>
std::string text_of(Enum value) {
  for (const auto& [known, text] : EnumText<Enum>::kRows) {
    if (known == value) return std::string(text);
  }
  return "";
}

// Reads texts back; remembers the first one that is not among them, for one check at the end.
class EnumReader {
 public:
  template <class Enum>
  Enum read(const std::string& text) {
    for (const auto& [value, known] : EnumText<Enum>::kRows) {
      if (known == text) return value;
    }
    if (unknown_.empty()) unknown_ = text.empty() ? "(empty)" : text;
    return EnumText<Enum>::kRows.front().first;
  }

  Result<void> check(const char* table) const {
    if (unknown_.empty()) return {};
    return model::refuse(model::internal_error("table " + std::string(table) +
                                               " holds the unknown value '" + unknown_ + "'"));
  }

 private:
  std::string unknown_;
};

}  // namespace apim::store
