// What the resolver promises: literals at once, names off the loop and remembered, failures told.

#include "net/resolver.h"

#include "support_loop.h"

namespace apim::net {
namespace {

struct Asker final : ResolverUser {
  void on_resolved(const Addresses* addresses_or_null) override {
    ++answer_count;
    found = addresses_or_null != nullptr;
  }
  int answer_count = 0;
  bool found = false;
};

TEST(Resolver, LiteralsNeedNoLookup) {
  Loop loop;
  Resolver resolver(loop);
  Asker asker;
  for (const char* host : {"127.0.0.1", "::1"}) {
    const auto answer = resolver.resolve(host, asker);
    ASSERT_EQ(answer.state, Resolver::State::Known) << host;
    EXPECT_EQ(answer.addresses->count, 1U);
  }
  EXPECT_EQ(asker.answer_count, 0);
  run_out(loop);
}

TEST(Resolver, ANameIsLookedUpOnceAndRemembered) {
  Loop loop;
  Resolver resolver(loop);
  Asker first, second, cancelled;
  EXPECT_EQ(resolver.resolve("localhost", first).state, Resolver::State::Pending);
  EXPECT_EQ(resolver.resolve("localhost", second).state, Resolver::State::Pending);
  EXPECT_EQ(resolver.resolve("localhost", cancelled).state, Resolver::State::Pending);
  resolver.cancel(cancelled);
  run_until(loop, [&] { return first.answer_count == 1 && second.answer_count == 1; });
  EXPECT_TRUE(first.found);
  EXPECT_EQ(cancelled.answer_count, 0);
  EXPECT_EQ(resolver.resolve("localhost", first).state, Resolver::State::Known);
  run_out(loop);
}

TEST(Resolver, ANameThatDoesNotExistIsRefusedAndThenRefusedAtOnce) {
  Loop loop;
  Resolver resolver(loop);
  Asker asker;
  // RFC 6761: .invalid never resolves.
  ASSERT_EQ(resolver.resolve("no-such-host.invalid", asker).state, Resolver::State::Pending);
  run_until(loop, [&] { return asker.answer_count == 1; });
  EXPECT_FALSE(asker.found);
  EXPECT_EQ(resolver.resolve("no-such-host.invalid", asker).state, Resolver::State::Refused);
  run_out(loop);
}

TEST(Resolver, OnlyLiteralsParseAsLiterals) {
  SocketAddress address;
  EXPECT_TRUE(parse_literal("10.1.2.3", &address));
  EXPECT_EQ(ntohs(with_port(address, 80).v4.sin_port), 80);
  EXPECT_TRUE(parse_literal("fe80::1", &address));
  for (const char* host : {"", "localhost", "1.2.3", "[::1]", "1.2.3.4.5", "::1%lo"}) {
    EXPECT_FALSE(parse_literal(host, &address)) << host;
  }
}

}  // namespace
}  // namespace apim::net
