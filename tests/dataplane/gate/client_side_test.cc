// Who the client is: the socket's peer, unless a proxy we trust says otherwise.

#include "gate/client_side.h"

#include <gtest/gtest.h>

namespace apim::gate {
namespace {

using http::FieldId;

struct Request {
  Exchange x;
  std::vector<http::Field> fields;
  explicit Request(const char* peer) { x.client.peer = *parse_address(peer); }
  void add(FieldId id, std::string_view value) {
    fields.push_back({.name = "x", .value = value, .id = id, .dropped = false});
  }
  std::string find(const std::vector<AddressRange>& trusted) {
    x.request.fields = fields;
    find_client(x, trusted);
    return to_text(x.client.address);
  }
};

const std::vector<AddressRange> kTrusted{*parse_range("10.0.0.0/8"), *parse_range("::1")};

TEST(ClientSide, AStrangersForwardingFieldsAreDropped) {
  Request request("192.0.2.1");
  for (const FieldId id :
       {FieldId::XForwardedFor, FieldId::Forwarded, FieldId::XRealIp, FieldId::XForwardedHost,
        FieldId::XForwardedProto, FieldId::XForwardedPort, FieldId::XForwardedPrefix}) {
    request.add(id, "6.6.6.6");
  }
  EXPECT_EQ(request.find(kTrusted), "192.0.2.1");
  for (const http::Field& field : request.fields) EXPECT_TRUE(field.dropped);
}

TEST(ClientSide, ATrustedProxyNamesTheClient) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"198.51.100.7", "198.51.100.7"},
      {"6.6.6.6, 198.51.100.7", "198.51.100.7"},  // What the client itself claims does not count.
      {"198.51.100.7, 10.1.1.1, 10.2.2.2", "198.51.100.7"},
      {"10.1.1.1", "10.1.1.1"},
      {"2001:db8::7", "2001:db8::7"},
      {"nonsense", "10.0.0.1"},
      {"198.51.100.7, nonsense", "10.0.0.1"},
      {"", "10.0.0.1"},
  };
  for (const auto& [value, client] : cases) {
    Request request("10.0.0.1");
    request.add(FieldId::XForwardedFor, value);
    EXPECT_EQ(request.find(kTrusted), client) << value;
    EXPECT_FALSE(request.fields[0].dropped);
  }
}

TEST(ClientSide, OfSeveralLinesOnlyTheLastCounts) {
  Request request("10.0.0.1");
  request.add(FieldId::XForwardedFor, "6.6.6.6");
  request.add(FieldId::XForwardedFor, "198.51.100.7");
  EXPECT_EQ(request.find(kTrusted), "198.51.100.7");
  EXPECT_TRUE(request.fields[0].dropped);
}

}  // namespace
}  // namespace apim::gate
