// A policy of IAM or of a bucket as a value: statements that say what they are for.
//
// docs/manual/permissions.md is for users. The values here are what iam/render.h prints, and
// nothing else is a policy of this project.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidemark::iam {

enum class Effect : std::uint8_t { allow, deny };

// Holds when the request's value of that key passes the test against one of the values.
struct Condition {
  std::string test;  // "StringEquals", "ForAnyValue:StringEquals"
  std::string key;   // "aws:ResourceTag/tidemark:owner"
  std::vector<std::string> values;

  bool operator==(const Condition&) const = default;
};

// Which of a statement's lists are meant the other way round.
enum class Scope : std::uint8_t {
  listed,               // the actions, on the resources
  all_other_actions,    // every action but these (NotAction)
  all_other_resources,  // every resource but these (NotResource)
};

struct Statement {
  std::string id;       // Sid: letters and digits, unique in its policy
  std::string purpose;  // what it is for, a sentence without a full stop
  std::string stops;    // what it stops, likewise
  Effect effect = Effect::allow;
  std::vector<std::string> actions;
  std::vector<std::string> resources;
  std::vector<Condition> conditions = {};
  Scope scope = Scope::listed;
};

enum class Kind : std::uint8_t {
  of_identity,  // attached to a role or a user
  of_bucket,    // attached to the bucket; speaks of everybody
};

struct Policy {
  std::string name;  // of the role: "snapshotter"
  Kind kind = Kind::of_identity;
  std::string bucket;  // of Kind::of_bucket
  std::vector<Statement> statements;
};

}  // namespace tidemark::iam
