// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Contract;

namespace Holdfast.Daemon.Api;

/// <summary>
/// GET /openapi/v1.json, made of the table that serves the routes and the types that are sent: what it says is what is
/// done. Made when it is asked for.
/// </summary>
internal static class OpenApiDocument
{
    private const string SchemaPlace = "#/components/schemas/";

    internal static Task WriteAsync(Call call)
    {
        byte[] text = Encoding.UTF8.GetBytes(Make(RouteTable.All, call.Services.Version).ToJsonString());
        call.Http.Response.ContentType = "application/json";
        call.Http.Response.ContentLength = text.Length;
        return call.Http.Response.Body.WriteAsync(text, call.Aborted).AsTask();
    }

    internal static JsonObject Make(IReadOnlyList<Route> routes, string version)
    {
        var schemas = new JsonObject();
        Refer(ContractJson.Default.ProblemJson, schemas);
        var paths = new JsonObject();
        foreach (Route route in routes)
        {
            if (paths[route.Path] is not JsonObject path) paths[route.Path] = path = [];
            path[MethodOf(route)] = OperationOf(route, schemas);
        }

        return new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Holdfast",
                ["version"] = version,
                ["description"] = "Over HTTP/1.1 on a Unix socket. Offsets and lengths are bytes.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static string MethodOf(Route route) => route.Method switch
    {
        "GET" => "get",
        "PUT" => "put",
        "POST" => "post",
        _ => "delete",
    };

    private static JsonObject OperationOf(Route route, JsonObject schemas)
    {
        var operation = new JsonObject { ["summary"] = route.Summary, ["parameters"] = ParametersOf(route) };
        if (route.IsRoots) operation["description"] = "Root's: a member of the group is refused.";
        if (route.Request?.Invoke() is { } request)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true, ["content"] = ContentOf("application/json", Refer(request, schemas)),
            };
        }

        var done = new JsonObject { ["description"] = "Done." };
        if (route.Answer?.Invoke() is { } answer)
        {
            JsonObject content = ContentOf("application/json", Refer(answer, schemas));
            if (route.IsStream) content["text/event-stream"] = new JsonObject();
            done["content"] = content;
        }

        string codes = string.Join(", ", route.Problems.Concat(route.IsRoots ? ["forbidden"] : []));
        operation["responses"] = new JsonObject
        {
            [$"{route.Status}"] = done,
            ["default"] = new JsonObject
            {
                ["description"] = $"A problem; code is one of {codes}{(codes.Length > 0 ? ", " : "")}"
                    + string.Join(", ", Problem.CodesOfAll),
                ["content"] = ContentOf("application/problem+json", Refer(ContractJson.Default.ProblemJson, schemas)),
            },
        };
        return operation;
    }

    private static JsonArray ParametersOf(Route route)
    {
        var parameters = new JsonArray();
        foreach (string part in route.Path.Split('/').Where(part => part.StartsWith('{')))
        {
            parameters.Add((JsonNode)ParameterOf(part.Trim('{', '}'), "path"));
        }

        foreach (string query in route.Queries) parameters.Add((JsonNode)ParameterOf(query, "query"));
        if (route.IsStream) parameters.Add((JsonNode)ParameterOf("Last-Event-ID", "header"));
        return parameters;
    }

    private static JsonObject ParameterOf(string name, string place) => new()
    {
        ["name"] = name, ["in"] = place, ["required"] = place == "path",
        ["schema"] = new JsonObject { ["type"] = "string" },
    };

    private static JsonObject ContentOf(string type, JsonObject schema) =>
        new() { [type] = new JsonObject { ["schema"] = schema } };

    /// <summary>A type's schema stands once in the document and is referred to.</summary>
    private static JsonObject Refer(JsonTypeInfo type, JsonObject schemas)
    {
        string name = type.Type.Name;
        if (!schemas.ContainsKey(name))
        {
            JsonNode schema = type.GetJsonSchemaAsNode();
            Rebase(schema, SchemaPlace + name);
            schemas[name] = schema;
        }

        return new() { ["$ref"] = SchemaPlace + name };
    }

    /// <summary>References inside a schema are from its own root, which is another place in the document.</summary>
    private static void Rebase(JsonNode? node, string place)
    {
        if (node is JsonObject at)
        {
            if (at["$ref"] is JsonValue value && value.GetValue<string>() is ['#', .. var rest])
            {
                at["$ref"] = place + rest;
            }

            foreach ((_, JsonNode? inner) in at) Rebase(inner, place);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? inner in items) Rebase(inner, place);
        }
    }
}
