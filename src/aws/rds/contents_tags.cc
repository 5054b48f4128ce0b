#include "aws/rds/contents_tags.h"

#include <nlohmann/json.hpp>

#include "aws/rds/packed_tags.h"
#include "aws/wire/json.h"

namespace tidemark::aws::rds {
namespace {

constexpr TagPlace kPlace{.prefix = kContentsTagPrefix,
                          .what = "the record of what the server held",
                          .way_out = "the restored database can still be looked at by SQL checks",
                          .room = "remove tags from the instance"};

// How many of the largest tables of each database are tried, until they fit.
constexpr std::size_t kTablesTried[] = {200, 100, 50, 20, 10, 5, 0};

Json database_json(const core::DatabaseContents& database) {
  Json tables = Json::array();
  for (const core::TableContents& table : database.largest) {
    Json one = Json::array({table.name});
    if (table.rows) one.push_back(*table.rows);
    tables.push_back(std::move(one));
  }
  return {{"name", database.name},
          {"bytes", database.bytes},
          {"extensions", database.extensions},
          {"tables", database.tables},
          {"unknown", database.tables_unknown},
          {"rows", database.rows},
          {"largest", std::move(tables)},
          {"unread", database.unread}};
}

core::DatabaseContents database_from(const Json& json) {
  core::DatabaseContents database;
  database.name = json.at("name").get<std::string>();
  database.bytes = json.at("bytes").get<std::int64_t>();
  database.extensions = json.at("extensions").get<std::map<std::string, std::string>>();
  database.tables = json.at("tables").get<std::int64_t>();
  database.tables_unknown = json.at("unknown").get<std::int64_t>();
  database.rows = json.at("rows").get<std::int64_t>();
  database.unread = json.at("unread").get<std::string>();
  for (const Json& table : json.at("largest")) {
    core::TableContents one{.name = table.at(0).get<std::string>(), .rows = {}};
    if (table.size() > 1) one.rows = table.at(1).get<std::int64_t>();
    database.largest.push_back(std::move(one));
  }
  return database;
}

}  // namespace

std::string contents_to_json(const core::ServerContents& contents) {
  Json json = {{"version", contents.version}, {"databases", Json::array()}};
  for (const core::DatabaseContents& database : contents.databases)
    json["databases"].push_back(database_json(database));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<core::ServerContents> contents_from_json(std::string_view text) {
  const auto parsed = parse_json(text);
  if (!parsed) return corrupt_tags(kPlace, "is no JSON");
  try {
    core::ServerContents contents;
    contents.version = parsed->at("version").get<int>();
    for (const Json& database : parsed->at("databases"))
      contents.databases.push_back(database_from(database));
    return contents;
  } catch (const Json::exception&) {
    return corrupt_tags(kPlace, "lacks a part");
  }
}

Result<core::Tags> encode_contents(const core::ServerContents& contents, std::size_t tags_max) {
  Error last{ErrorKind::exhausted, "there is no room for it"};
  for (const std::size_t tables : kTablesTried) {
    auto tags = pack_into_tags(kPlace, contents_to_json(core::abridged(contents, tables)),
                               std::min(tags_max, kContentsTagsMax));
    if (tags || tags.error().kind != ErrorKind::exhausted) return tags;
    last = std::move(tags).error();
  }
  return last;
}

Result<core::ServerContents> decode_contents(const core::Tags& tags) {
  return contents_from_json(TRY(unpack_from_tags(kPlace, tags)));
}

}  // namespace tidemark::aws::rds
