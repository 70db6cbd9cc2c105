#include "store/pool.h"

#include <fcntl.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <chrono>

#include "store/sql_error.h"

namespace apim::store {
namespace {

constexpr std::string_view kSqlite = "sqlite3://";
constexpr std::string_view kPostgres = "postgresql://";

// "postgresql://bob:secret@host/db" -> "postgresql://bob:***@host/db"
std::string without_password(const std::string& url) {
  const size_t start = url.find("://") + 3;
  const size_t at = url.find('@', start);
  const size_t colon = url.find(':', start);
  if (at == std::string::npos || colon == std::string::npos || colon > at) return url;
  return url.substr(0, colon + 1) + "***" + url.substr(at);
}

// libpq quotes what it was given when it complains.
std::string hide(std::string text, const std::string& url, const std::string& shown) {
  const size_t at = text.find(url);
  if (at != std::string::npos) text.replace(at, url.size(), shown);
  return text;
}

// SQLite gives its own files the mode of the database's. An existing one is never opened here:
// closing it again would end the locks that other connections of this process hold on it.
void keep_private(const std::string& file) {
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
    return;
  }
  for (const char* end : {"", "-wal", "-shm"}) {
    struct stat status {};
    const std::string path = file + end;
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    const mode_t others = status.st_mode & S_IRWXO;
    if (others != 0) ::chmod(path.c_str(), (status.st_mode & 07777) & ~others);
  }
}

}  // namespace

Result<std::unique_ptr<Database::Pool>> Database::Pool::open(DatabaseSettings settings) {
  std::unique_ptr<Pool> pool(new Pool());
  pool->settings_ = std::move(settings);
  const std::string& url = pool->settings_.url;
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    pool->dialect_ = Dialect::Sqlite;
    pool->name_ = url;
    pool->address_ = url.substr(kSqlite.size());
    if (pool->address_.find('"') != std::string::npos) {
      return model::refuse(
          model::internal_error("a database file's name cannot hold '\"': " + url));
    }
    keep_private(pool->address_);
  } else if (url.starts_with(kPostgres)) {
    pool->dialect_ = Dialect::Postgres;
    pool->name_ = without_password(url);
    // SOCI takes an address apart at its '='; one without any would get one appended to its end.
    const char* joint = url.find('?') == std::string::npos ? "?" : "&";
    pool->address_ = url + joint + "application_name=apim-controller";
  } else {
    return model::refuse(model::internal_error(
        "'" + without_password(url) +
        "' is no database; use sqlite3:///path/to/file or postgresql://user:password@host/name"));
  }
  pool->readers_.most = std::max<uint32_t>(pool->settings_.connections_max, 1);
  CHECK_OR_REFUSE(pool->borrow(true));
  return pool;
}

int64_t Database::Pool::now_ms() const {
  if (settings_.clock) return settings_.clock();
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void Database::Pool::set_up(soci::session& session, bool writable) const {
  const std::string busy_ms = std::to_string(settings_.busy_ms);
  if (dialect_ == Dialect::Sqlite) {
    session << "PRAGMA busy_timeout = " + busy_ms;
    session << "PRAGMA foreign_keys = ON";
    session << "PRAGMA synchronous = FULL";
    if (!writable) {
      session << "PRAGMA query_only = ON";
      return;
    }
    std::string mode;
    session << "PRAGMA journal_mode = WAL", soci::into(mode);
    if (mode != "wal") throw soci::soci_error("WAL is not possible here; is it a network disk?");
    return;
  }
  session << "SET client_encoding = 'UTF8'";
  session << "SET lock_timeout = " + busy_ms;
  session << "SET statement_timeout = 60000";
  session << "SET idle_in_transaction_session_timeout = 60000";
  session << "SET client_min_messages = 'warning'";
}

Result<std::unique_ptr<Connection>> Database::Pool::connect(bool writable) const {
  auto connection = std::make_unique<Connection>();
  try {
    if (dialect_ == Dialect::Sqlite) {
      connection->session =
          std::make_unique<soci::session>(soci::sqlite3, "dbname=\"" + address_ + "\"");
    } else {
      connection->session = std::make_unique<soci::session>(soci::postgresql, address_);
    }
    set_up(*connection->session, writable);
  } catch (const std::exception& error) {
    return model::refuse(Problem{
        .http_status = 503,
        .code = 900967,
        .message = "The database is not available",
        .description = "cannot open " + name_ + ": " + hide(error.what(), address_, name_)});
  }
  return connection;
}

Result<Database::Pool::Loan> Database::Pool::borrow(bool writable) {
  std::unique_lock lock(mutex_);
  Shelf& from = shelf(writable);
  const auto is_free = [&] { return !from.idle.empty() || from.lent < from.most; };
  if (!returned_.wait_for(lock, std::chrono::milliseconds(settings_.busy_ms), is_free)) {
    return model::refuse(Problem{.http_status = 503,
                                 .code = 900967,
                                 .message = "The database is busy",
                                 .description = "no connection to " + name_ + " became free in " +
                                                std::to_string(settings_.busy_ms) + " ms"});
  }
  ++from.lent;
  if (!from.idle.empty()) {
    std::unique_ptr<Connection> connection = std::move(from.idle.back());
    from.idle.pop_back();
    return Loan(*this, std::move(connection), writable);
  }
  lock.unlock();
  auto connection = connect(writable);
  if (connection) return Loan(*this, std::move(*connection), writable);
  lock.lock();
  --from.lent;
  lock.unlock();
  returned_.notify_one();
  return model::refuse(std::move(connection.error()));
}

void Database::Pool::give_back(std::unique_ptr<Connection> connection, bool writable) {
  if (connection->broken) connection.reset();
  {
    const std::lock_guard lock(mutex_);
    Shelf& to = shelf(writable);
    assert(to.lent > 0);
    --to.lent;
    if (connection) to.idle.push_back(std::move(connection));
  }
  returned_.notify_all();
}

}  // namespace apim::store
