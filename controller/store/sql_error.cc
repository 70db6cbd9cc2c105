#include "store/sql_error.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace apim::store {
namespace {

Problem unavailable(const std::string& description) {
  return {.http_status = 503,
          .code = 900967,
          .message = "The database is not available",
          .description = description};
}

SqlError explain_sqlite(const soci::sqlite3_soci_error& error) {
  const std::string text = error.get_error_message();
  switch (error.result() & 0xff) {  // the primary code; the rest says more about the same
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Failure::Conflict, unavailable("another process holds the database: " + text)};
    case SQLITE_CONSTRAINT:
      return {Failure::Duplicate, model::conflict(900967, "The change contradicts the database",
                                                  "a constraint failed: " + text)};
    case SQLITE_FULL:
      return {Failure::Full, unavailable("the disk is full; make room and try again: " + text)};
    case SQLITE_IOERR:
      return {Failure::Other, unavailable("reading or writing the database file failed: " + text)};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Failure::Corrupt,
              model::internal_error("the database file is damaged; restore a backup: " + text)};
    case SQLITE_READONLY:
      return {Failure::Other, model::internal_error("the database may not be written: " + text)};
    default: return {Failure::Other, model::internal_error("database: " + text)};
  }
}

SqlError explain_postgres(const soci::postgresql_soci_error& error, soci::session& session) {
  const std::string text = error.get_error_message();
  const std::string state = error.sqlstate();
  if (!session.is_connected() || state.starts_with("08") || state.starts_with("57P")) {
    return {Failure::Disconnected, unavailable("the connection was lost: " + text)};
  }
  if (state == "40001" || state == "40P01" || state == "55P03") {
    return {Failure::Conflict, unavailable("other writers are in the way: " + text)};
  }
  if (state == "23505") {
    return {Failure::Duplicate, model::conflict(900967, "The change contradicts the database",
                                                "a constraint failed: " + text)};
  }
  if (state.starts_with("53")) return {Failure::Full, unavailable("out of room: " + text)};
  if (state.starts_with("XX")) {
    return {Failure::Corrupt, model::internal_error("the database is damaged: " + text)};
  }
  return {Failure::Other, model::internal_error("database (" + state + "): " + text)};
}

}  // namespace

SqlError explain(const std::exception& error, soci::session& session) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    return explain_sqlite(*sqlite);
  }
  if (const auto* postgres = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    return explain_postgres(*postgres, session);
  }
  return {Failure::Other, model::internal_error(std::string("database: ") + error.what())};
}

}  // namespace apim::store
