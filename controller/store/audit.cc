#include "store/audit.h"

#include <sodium.h>

#include <array>

#include "store/text.h"

namespace apim::store::audit {
namespace {

// Length before bytes, so that no two entries read the same.
void feed(crypto_hash_sha256_state& state, const std::string& text) {
  const std::string length = std::to_string(text.size()) + ":";
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(length.data()),
                            length.size());
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                            text.size());
}

std::string chained(const std::string& previous, const Entry& entry) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  feed(state, previous);
  feed(state, std::to_string(entry.number));
  feed(state, std::to_string(entry.at_ms));
  for (const std::string* text :
       {&entry.tenant, &entry.user, &entry.action, &entry.target, &entry.before, &entry.after}) {
    feed(state, *text);
  }
  std::array<uint8_t, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state, digest.data());
  return to_hex(digest);
}

template <class OnEntry>
Result<void> select(Transaction& tx, const std::string& rest, const std::vector<Value>& values,
                    OnEntry on_entry) {
  return tx.each<int64_t, int64_t, std::string, std::string, std::string, std::string, std::string,
                 std::string, std::string>(
      "SELECT number, at_ms, organization, user_id, action, target, before_value, after_value, "
      "hash FROM apim_audit " +
          rest,
      values,
      [&](int64_t number, int64_t at_ms, std::string tenant, std::string user, std::string action,
          std::string target, std::string before, std::string after, std::string hash) {
        on_entry(Entry{.number = static_cast<uint64_t>(number),
                       .at_ms = at_ms,
                       .tenant = std::move(tenant),
                       .user = std::move(user),
                       .action = std::move(action),
                       .target = std::move(target),
                       .before = std::move(before),
                       .after = std::move(after),
                       .hash = std::move(hash)});
      });
}

}  // namespace

Result<void> append(Transaction& tx, Entry entry) {
  ASSIGN_OR_REFUSE(const auto last,
                   (tx.first<int64_t, std::string>(
                       "SELECT number, hash FROM apim_audit ORDER BY number DESC LIMIT 1")));
  entry.number = last ? static_cast<uint64_t>(std::get<0>(*last)) + 1 : 1;
  entry.at_ms = tx.now_ms();
  entry.hash = chained(last ? std::get<1>(*last) : "", entry);
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO apim_audit (number, at_ms, organization, user_id, action, target, "
             "before_value, after_value, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
             {static_cast<int64_t>(entry.number), entry.at_ms, entry.tenant, entry.user,
              entry.action, entry.target, entry.before, entry.after, entry.hash}));
  return {};
}

Result<Listing<Entry>> list(Transaction& tx, const std::string& tenant, const Page& page) {
  Listing<Entry> listing;
  ASSIGN_OR_REFUSE(const int64_t total,
                   tx.number("SELECT COUNT(*) FROM apim_audit WHERE organization = ?", {tenant}));
  listing.total = static_cast<uint64_t>(total);
  CHECK_OR_REFUSE(select(tx, "WHERE organization = ? ORDER BY number DESC LIMIT ? OFFSET ?",
                         {tenant, int64_t{page.limit}, int64_t{page.offset}},
                         [&](Entry entry) { listing.items.push_back(std::move(entry)); }));
  return listing;
}

Result<std::optional<uint64_t>> first_broken(Transaction& tx) {
  std::optional<uint64_t> broken;
  std::string previous;
  uint64_t expected = 1;
  CHECK_OR_REFUSE(select(tx, "ORDER BY number", {}, [&](const Entry& entry) {
    if (!broken && (entry.number != expected || entry.hash != chained(previous, entry))) {
      broken = expected;
    }
    previous = entry.hash;
    ++expected;
  }));
  return broken;
}

}  // namespace apim::store::audit
