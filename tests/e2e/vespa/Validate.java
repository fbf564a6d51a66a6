import com.yahoo.config.model.NullConfigModelRegistry;
import com.yahoo.config.model.application.provider.FilesApplicationPackage;
import com.yahoo.config.model.deploy.DeployState;
import com.yahoo.vespa.model.VespaModel;
import java.io.File;

/** Checks an application package as Vespa's configuration server would: `java -cp JARS Validate.java FOLDER`. */
public class Validate {
    public static void main(String[] arguments) throws Exception {
        FilesApplicationPackage application = FilesApplicationPackage.fromDir(new File(arguments[0]), java.util.Map.of());
        application.validateXML();
        DeployState state = new DeployState.Builder().applicationPackage(application).build();
        VespaModel model = new VespaModel(new NullConfigModelRegistry(), state);
        System.out.println("VALID clusters=" + model.getContentClusters().keySet() + " containers=" + model.getContainerClusters().keySet());
    }
}
