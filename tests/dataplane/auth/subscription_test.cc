// What check_subscription() promises: WSO2's states, for each key type.

#include "auth/subscription.h"

#include "support/world.h"

namespace apim::auth {
namespace {

using State = model::SubscriptionState;
using test::make_image;
using test::operation;
using test::World;

// How a subscription in `state` answers a key of `type`; kCount: it may pass.
FaultCode answer_of(State state, fbs::KeyType type) {
  World world;
  for (uint32_t id = 1; id <= 5; ++id)
    world.add_api(id, "api" + std::to_string(id), {operation(model::Verb::Get, "/x")});
  world.add_application(1);
  for (uint32_t id : {1U, 3U, 5U}) world.subscribe(1, id);
  world.catalog.subscriptions.at(1)[1].state = state;
  const auto image = make_image(world.catalog);
  const auto checked = check_subscription(*image->find_application(1), *image->find_api(3), type);
  if (!checked) return checked.error().code;
  EXPECT_EQ((*checked)->api(), 3U);
  return FaultCode::kCount;
}

TEST(Subscription, EveryStateAnswersAsWso2) {
  const auto production = fbs::KeyType::Production;
  const auto sandbox = fbs::KeyType::Sandbox;
  for (const auto type : {production, sandbox}) {
    EXPECT_EQ(answer_of(State::Unblocked, type), FaultCode::kCount);
    EXPECT_EQ(answer_of(State::TierUpdatePending, type), FaultCode::kCount);
    EXPECT_EQ(answer_of(State::DeletePending, type), FaultCode::kCount);
    EXPECT_EQ(answer_of(State::Blocked, type), FaultCode::SubscriptionBlocked);
    EXPECT_EQ(answer_of(State::OnHold, type), FaultCode::SubscriptionInactive);
    EXPECT_EQ(answer_of(State::Rejected, type), FaultCode::SubscriptionInactive);
  }
  EXPECT_EQ(answer_of(State::ProductionBlocked, production), FaultCode::SubscriptionBlocked);
  EXPECT_EQ(answer_of(State::ProductionBlocked, sandbox), FaultCode::kCount);
}

TEST(Subscription, AnotherApiIsNotSubscribed) {
  World world;
  for (uint32_t id : {1U, 2U, 3U})
    world.add_api(id, "api" + std::to_string(id), {operation(model::Verb::Get, "/x")});
  world.add_application(1);
  world.subscribe(1, 1);
  world.subscribe(1, 3);
  const auto image = make_image(world.catalog);
  const auto checked = check_subscription(*image->find_application(1), *image->find_api(2),
                                          fbs::KeyType::Production);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, FaultCode::NotSubscribed);
}

}  // namespace
}  // namespace apim::auth
