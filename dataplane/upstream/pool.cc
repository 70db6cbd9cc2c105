#include "upstream/pool.h"

#include <cassert>
#include <string_view>
#include <utility>

#include "snapshot/view.h"

namespace apim::upstream {
namespace {

constexpr size_t kBucketsKept =
    4096;  // Above it, unused buckets are dropped when a new one is needed.

// A dial begun for a waiter fails before the waiter does: its failure must not hit a newer one.
constexpr uint64_t kGraceMs = 3 * net::Wheel::kSlotMs;

}  // namespace

// The connections of one endpoint.
class Bucket final : public http::ClientHome, public net::DialOwner, private net::Later {
 public:
  Bucket(Pool& pool, const fbs::Endpoint& endpoint)
      : pool_(pool),
        key_(endpoint.key()),
        target_{.host = endpoint.host()->str(),
                .port = endpoint.port(),
                .tls = endpoint.tls(),
                .timeout_ms = pool.settings_.connect_ms} {}
  Bucket(const Bucket&) = delete;
  Bucket& operator=(const Bucket&) = delete;
  ~Bucket() override {
    assert(open_count_ == 0);
    pool_.loop_.forget(*this);
  }

  uint64_t key() const { return key_; }
  bool is_for(const fbs::Endpoint& endpoint) const {
    return key_ == endpoint.key() && target_.port == endpoint.port() &&
           target_.tls == endpoint.tls() && target_.host == snapshot::view(endpoint.host());
  }
  bool is_unused() const { return open_count_ == 0 && first_waiting_ == nullptr; }

  Result<void> acquire(PoolUser& user, bool wants_new) {
    if (waiting_count_ >= pool_.settings_.connections_max) {
      return std::unexpected(
          fault(FaultCode::Overloaded, "too many requests wait for a back end connection"));
    }
    wait(user, wants_new);
    pool_.loop_.later(*this);
    return {};
  }

  void stop_waiting(PoolUser& user) {
    assert(user.bucket_ == this);
    (user.previous_ != nullptr ? user.previous_->next_ : first_waiting_) = user.next_;
    (user.next_ != nullptr ? user.next_->previous_ : last_waiting_) = user.previous_;
    user.next_ = user.previous_ = nullptr;
    user.bucket_ = nullptr;
    pool_.loop_.disarm(user);
    --waiting_count_;
  }

  // Either no connection comes up, or none comes free.
  void on_waited(PoolUser& user) {
    const FaultCode code =
        dial_count_ > 0 ? FaultCode::BackendConnectTimeout : FaultCode::Overloaded;
    stop_waiting(user);
    user.on_no_connection(fault(code, "no connection to the back end within connect_ms"));
  }

  void leave() {
    assert(first_waiting_ == nullptr);
    for (http::ClientConnection** list : {&fresh_, &proven_}) {
      while (*list != nullptr) retire(**list);
    }
    while (dials_ != nullptr) {
      net::Dial& dial = *dials_;
      unlink_dial(dial);
      dial.abandon();
      --open_count_;
    }
  }

 private:
  // Serves who waits, now that everything the loop knew of the idle connections was heard.
  void on_later() override {
    for (PoolUser* user = first_waiting_; user != nullptr;) {
      PoolUser* const next = user->next_;
      if (http::ClientConnection* connection = take(user->wants_new_)) {
        hand_over(*user, *connection);
      } else if (!user->wants_new_) {
        break;
      }
      user = next;
    }
    dial_if_needed();
  }

  // An idle connection that holds nothing unread, or null.
  http::ClientConnection* take(bool wants_new) {
    settle();
    // Closed by the backend, or bytes nobody asked for.
    while (fresh_ != nullptr && (proven_ == nullptr || wants_new) && fresh_->has_unread()) {
      retire(*fresh_);
    }
    http::ClientConnection* const found = proven_ == nullptr || wants_new ? fresh_ : proven_;
    if (found == nullptr) return nullptr;
    unlink_idle(*found);
    if (found->is_used()) pool_.metrics_.add(Counter::UpstreamReused);
    return found;
  }

  // Whatever waited on connections that came free in an earlier turn was heard in this one.
  void settle() {
    if (fresh_turn_ == pool_.loop_.turn()) return;
    fresh_turn_ = pool_.loop_.turn();
    while (fresh_ != nullptr) {
      http::ClientConnection& connection = *fresh_;
      unlink_idle(connection);
      link_idle(&proven_, connection);
    }
  }

  void on_idle(http::ClientConnection& connection) override {
    settle();
    link_idle(&fresh_, connection);
    if (first_waiting_ != nullptr) pool_.loop_.later(*this);
  }

  void on_closed(http::ClientConnection& connection) override {
    if (connection.idle_link != nullptr) unlink_idle(connection);
    count_closed();
    dial_if_needed();
  }

  void on_dialed(net::Dial& dial, net::Stream* stream) override {
    unlink_dial(dial);
    pool_.metrics_.add(Counter::UpstreamOpened);
    pool_.metrics_.raise(Gauge::UpstreamOpen);
    on_idle(*http::ClientConnection::open(stream, *this, pool_.settings_.idle_ms));
  }

  void on_dial_failed(net::Dial& dial, const Fault& why) override {
    unlink_dial(dial);
    --open_count_;
    pool_.metrics_.add(Counter::UpstreamFailed);
    if (first_waiting_ == nullptr) return;
    PoolUser& user = *first_waiting_;
    stop_waiting(user);
    dial_if_needed();
    user.on_no_connection(why);
  }

  void hand_over(PoolUser& user, http::ClientConnection& connection) {
    stop_waiting(user);
    user.on_connection(connection);
  }

  void retire(http::ClientConnection& connection) {
    unlink_idle(connection);
    connection.retire();
    count_closed();
  }

  void wait(PoolUser& user, bool wants_new) {
    assert(user.bucket_ == nullptr);
    user.bucket_ = this;
    user.wants_new_ = wants_new;
    pool_.loop_.arm_in(user, pool_.settings_.connect_ms + kGraceMs);
    ++waiting_count_;
    user.previous_ = wants_new ? nullptr : last_waiting_;
    user.next_ = wants_new ? first_waiting_ : nullptr;
    (user.previous_ != nullptr ? user.previous_->next_ : first_waiting_) = &user;
    (user.next_ != nullptr ? user.next_->previous_ : last_waiting_) = &user;
  }

  void dial_if_needed() {
    while (dial_count_ < waiting_count_ && open_count_ < pool_.settings_.connections_max) {
      net::Dial* dial = net::Dial::start(pool_.loop_, pool_.resolver_, target_, pool_.tls_, *this);
      dial->next = dials_;
      if (dials_ != nullptr) dials_->previous = dial;
      dials_ = dial;
      ++dial_count_;
      ++open_count_;
    }
  }

  void unlink_dial(net::Dial& dial) {
    (dial.previous != nullptr ? dial.previous->next : dials_) = dial.next;
    if (dial.next != nullptr) dial.next->previous = dial.previous;
    dial.next = dial.previous = nullptr;
    --dial_count_;
  }

  void link_idle(http::ClientConnection** list, http::ClientConnection& connection) {
    assert(connection.idle_link == nullptr);
    connection.next_idle = *list;
    connection.idle_link = list;
    if (*list != nullptr) (*list)->idle_link = &connection.next_idle;
    *list = &connection;
    pool_.metrics_.raise(Gauge::UpstreamIdle);
  }

  void unlink_idle(http::ClientConnection& connection) {
    *connection.idle_link = connection.next_idle;
    if (connection.next_idle != nullptr) connection.next_idle->idle_link = connection.idle_link;
    connection.next_idle = nullptr;
    connection.idle_link = nullptr;
    pool_.metrics_.lower(Gauge::UpstreamIdle);
  }

  void count_closed() {
    assert(open_count_ > 0);
    --open_count_;
    pool_.metrics_.lower(Gauge::UpstreamOpen);
  }

  Pool& pool_;
  uint64_t key_;
  net::DialTarget target_;
  // Used last first. Fresh ones came free in the turn `fresh_turn_`: the loop has not looked at
  // them since, so bytes may wait that nobody heard of.
  http::ClientConnection* proven_ = nullptr;
  http::ClientConnection* fresh_ = nullptr;
  uint64_t fresh_turn_ = 0;
  net::Dial* dials_ = nullptr;
  PoolUser* first_waiting_ = nullptr;
  PoolUser* last_waiting_ = nullptr;
  uint32_t waiting_count_ = 0;
  uint32_t dial_count_ = 0;
  uint32_t open_count_ = 0;  // Idle, busy and being opened.
};

void PoolUser::on_due() {
  assert(bucket_ != nullptr);
  bucket_->on_waited(*this);
}

Pool::Pool(net::Loop& loop, net::Resolver& resolver, net::TlsContext* tls,
           const PoolSettings& settings, WorkerMetrics& metrics)
    : loop_(loop),
      resolver_(resolver),
      tls_(tls),
      settings_(settings),
      metrics_(metrics),
      table_(64, nullptr) {}

Pool::~Pool() = default;

Result<void> Pool::acquire(const fbs::Endpoint& endpoint, PoolUser& user, bool wants_new) {
  return bucket_of(endpoint).acquire(user, wants_new);
}

void Pool::cancel(PoolUser& user) {
  if (user.bucket_ != nullptr) user.bucket_->stop_waiting(user);
}

void Pool::leave() {
  for (const auto& bucket : buckets_) bucket->leave();
}

Bucket& Pool::bucket_of(const fbs::Endpoint& endpoint) {
  const size_t mask = table_.size() - 1;
  size_t seat = endpoint.key() & mask;
  for (; table_[seat] != nullptr; seat = (seat + 1) & mask) {
    if (table_[seat]->is_for(endpoint)) return *table_[seat];
  }
  if (buckets_.size() >= kBucketsKept) {
    std::erase_if(buckets_, [](const auto& bucket) { return bucket->is_unused(); });
  }
  buckets_.push_back(std::make_unique<Bucket>(*this, endpoint));
  Bucket& bucket = *buckets_.back();
  grow();
  return bucket;
}

void Pool::grow() {
  size_t size = table_.size();
  while (buckets_.size() * 2 > size) size *= 2;
  table_.assign(size, nullptr);
  for (const auto& bucket : buckets_) {
    size_t seat = bucket->key() & (size - 1);
    while (table_[seat] != nullptr) seat = (seat + 1) & (size - 1);
    table_[seat] = bucket.get();
  }
}

}  // namespace apim::upstream
