import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.yahoo.config.model.NullConfigModelRegistry;
import com.yahoo.config.model.application.provider.FilesApplicationPackage;
import com.yahoo.config.model.deploy.DeployState;
import com.yahoo.document.DocumentPut;
import com.yahoo.document.DocumentTypeManager;
import com.yahoo.document.config.DocumentmanagerConfig;
import com.yahoo.document.json.DocumentOperationType;
import com.yahoo.document.json.JsonReader;
import com.yahoo.document.select.DocumentSelector;
import com.yahoo.container.QrSearchersConfig;
import com.yahoo.prelude.IndexFacts;
import com.yahoo.prelude.IndexModel;
import com.yahoo.search.config.IndexInfoConfig;
import com.yahoo.language.simple.SimpleLinguistics;
import com.yahoo.search.Query;
import com.yahoo.search.query.parser.Parsable;
import com.yahoo.search.query.parser.ParserEnvironment;
import com.yahoo.search.yql.YqlParser;
import com.yahoo.vespa.model.VespaModel;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads queries, documents and selections as Vespa's container would, with the types of an application package:
 * `java -cp JARS Ask.java FOLDER LINES`. Each line of the file is one of them as JSON; each line of the output is what it was read as, or FAILED with why.
 */
public class Ask {
    public static void main(String[] arguments) throws Exception {
        FilesApplicationPackage application = FilesApplicationPackage.fromDir(new File(arguments[0]), Map.of());
        DeployState state = new DeployState.Builder().applicationPackage(application).build();
        VespaModel model = new VespaModel(new NullConfigModelRegistry(), state);
        DocumentmanagerConfig.Builder config = new DocumentmanagerConfig.Builder();
        model.getConfig(config, "client");
        DocumentTypeManager types = new DocumentTypeManager(config.build());
        IndexInfoConfig.Builder indexes = new IndexInfoConfig.Builder();
        model.getConfig(indexes, "default");
        QrSearchersConfig.Builder searchers = new QrSearchersConfig.Builder();
        model.getConfig(searchers, "default");
        IndexFacts facts = new IndexFacts(new IndexModel(indexes.build(), searchers.build()));
        ObjectMapper json = new ObjectMapper();
        for (String line : Files.readAllLines(Path.of(arguments[1]))) {
            JsonNode asked = json.readTree(line);
            try {
                System.out.println(read(asked, types, facts, json).replace("\n", " "));
            } catch (Exception error) {
                System.out.println("FAILED " + String.valueOf(error.getMessage()).replace("\n", " "));
            }
        }
    }

    static String read(JsonNode asked, DocumentTypeManager types, IndexFacts facts, ObjectMapper json) throws Exception {
        if (asked.has("query")) return query(asked.get("query"), facts);
        if (asked.has("selection")) return "SELECTION " + new DocumentSelector(asked.get("selection").asText());
        byte[] body = json.writeValueAsBytes(Map.of("fields", asked.get("document").get("fields")));
        JsonReader reader = new JsonReader(types, new ByteArrayInputStream(body), new JsonFactory());
        String id = "id:knowledge:" + asked.get("document").get("type").asText() + "::" + asked.get("document").get("id").asText();
        DocumentPut put = (DocumentPut) reader.readSingleDocumentStreaming(DocumentOperationType.PUT, id).operation();
        return "DOCUMENT " + put.getDocument().getId() + " " + put.getDocument().getFieldCount() + " " + put.getDocument().getFieldValue("embedding");
    }

    static String query(JsonNode body, IndexFacts facts) {
        Map<String, String> parameters = new HashMap<>();
        body.fields().forEachRemaining(one -> parameters.put(one.getKey(), one.getValue().asText()));
        Query query = new Query.Builder().setRequestMap(parameters).build();
        YqlParser parser = new YqlParser(new ParserEnvironment().setIndexFacts(facts).setLinguistics(new SimpleLinguistics()));
        parser.setUserQuery(query);
        return "QUERY " + parser.parse(new Parsable().setQuery(body.get("yql").asText()));
    }
}
