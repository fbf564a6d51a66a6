/**
 * Signs that most texts of a language are made of, as their writers use them: what else could a handful of bytes be that
 * reads like this?
 */
const chinese =
  "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市体别处总才场师书比住员九性通目报立马活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果及界今务制解各任至清物台象记边共风战干接它许八特觉望直服南度统色字请交爱让认算论百义科怎元社术结六功指思非流每管夫连远资队带花快条院变联言权往展该领传近留保达办运武半候七必城父强步完革深区即求品士转量空众技程告语英派满式息写令德收取设始版双历越史商片容研像找友孩站议形委早音火际则首单据导影失网似专石若志观组造落视共集包且随格布调局根准团段终级克精官示证注费群热推晚响款退限台服询订购买码登录密码配置安装错误请求返回文件用户管理系统数据库测试您好";
const traditional =
  "的一是不了在人有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡裏後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市體別處總才場師書比住員九性通目報立馬活難神數件安表原車白應路期叫死常提感金何更反合放做系計或司利受光王果及界今務制解各任至清物台象記邊共風戰幹接它許八特覺望直服南度統色字請交愛讓認算論百義科怎元社術結六功指思非流每管夫連遠資隊帶花快條院變聯言權往展該領傳近留保達辦運武半候七必城父強步完革深區即求品士轉量空眾技程告語英派滿式息寫令德收取設始版雙歷越史商片容研像找友孩站議形委早音火際則首單據導影失網似專石若志觀組造落視集包且隨格布調局根準團段終級精官示證註費群熱推晚響款退限貨期申逾予收到內提您好";
const japanese =
  "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤町常校料沢裁状工建語球営空職証土与急止送援供可役構木割聞身費付施切由説転食比難防補車優夫研収断井何南石足違消境神番規術護展態導鮮備宅害配副算視条幹独警宮究育席輸訪楽起万着乗店述残想線率病農州武声質念待試族象銀域助労例衛然早張映限親額監環験追審商葉義伝働形景落欧担好退準賀訴辺造英被株頭技低毎医復仕去姿味負閣韓渡失移差衆個門写評課末守若脳極種美岡影命含福蔵量望松非撃佐核観察整段横融型白深字答夜製票況音申様財港識注呼渉達灯管鈴木葉";
const korean =
  "이다는을를의에가은로하고도지있한서기어사자그시수나대인들과리으면일해정부전만아것니라보했장주스제구동게상여원공우조할습조비성관신세되위문국안선요경실소간합트유용라오내당학연방무물발거치중생달금모재명개든마러데통분단업계않양미때말식작입산최추회등접차활건화행감결포후적와력르터까려미바직크진처외북남람심노될교민호피표근필환불한납품서비스계약설치파일사용자관리데이터안녕세계십삼";

export interface Candidate {
  /** As TextDecoder knows it. */
  name: string;
  /** Letters of its language, commonest ones. Of alphabets: their script. */
  common?: Set<string>;
  script?: RegExp;
  /** Letters beyond ASCII of each of its languages: a text is in one of them. */
  languages?: readonly string[];
  /** Orders of signs that its language never has. */
  impossible?: RegExp;
  /** Signs that are a third of any text. */
  needed?: RegExp;
  /** Another script that the encoding also holds, and its language never mixes in. */
  never?: RegExp;
}

const kana = /[\u3041-\u30ff]/u;

/** A mark of Thai without its consonant, out of order, a vowel that leads nothing, letters of old, a digit in a word. */
const strayThai =
  /(?<![\u0e01-\u0e2e])[\u0e31\u0e34-\u0e3a]|(?<![\u0e01-\u0e2e\u0e31\u0e34-\u0e39])[\u0e47-\u0e4e]|[\u0e40-\u0e44](?![\u0e01-\u0e2e])|[\u0e03\u0e05\u0e4e]|(?<=[\u0e01-\u0e4e])[\u0e50-\u0e5b]/g;

/** What a text without any word about its encoding may be in. */
export const candidates: readonly Candidate[] = [
  { name: "gb18030", common: new Set(chinese), never: kana },
  { name: "big5", common: new Set(traditional), never: kana },
  { name: "shift_jis", common: new Set(japanese), never: /[\uff61-\uff9f]/u },
  { name: "euc-jp", common: new Set(japanese), never: /[\uff61-\uff9f]/u },
  { name: "euc-kr", common: new Set(korean), never: kana },
  { name: "windows-1251", script: /\p{Script=Cyrillic}/u },
  { name: "koi8-r", script: /\p{Script=Cyrillic}/u },
  { name: "ibm866", script: /\p{Script=Cyrillic}/u },
  { name: "windows-1253", script: /\p{Script=Greek}/u },
  { name: "windows-1255", script: /\p{Script=Hebrew}/u },
  { name: "windows-1256", script: /\p{Script=Arabic}/u },
  { name: "windows-874", script: /\p{Script=Thai}/u, impossible: strayThai, needed: /[\u0e30-\u0e4d]/g },
  {
    name: "windows-1252",
    script: /[àâäáãåæçèéêëìíîïñòóôõöøùúûüýÿœßðþžš]/iu,
    languages: [..."äöüß éàèêçùâîôûëïœüÿæ áéíóúñü ãçáéõóêíâôúà àèéìòù åäöé æøåé áíðóéþæöúý éëïèüó äöåõšž".split(" ")],
  },
  {
    name: "windows-1250",
    script: /[áâäąăćčçďđéěęëíîłľĺńňóôöőřŕśšşťţúůüűýźžżß]/iu,
    languages: [..."íáěéřšžčýůúťďňó łąęóżśćńź áéőöüóíúű áíčéžýšľúťňôďäĺŕó čšžćđ ăâîşţ äöüß".split(" ")],
  },
  { name: "windows-1254", script: /[âçğıİîöşûü]/iu, languages: ["ıüşğçöiâîû"] },
  {
    name: "windows-1257",
    script: /[āčēģīķļņšūžąęėįųõäöü]/iu,
    languages: [..."ėšžįųūčąę āīšēūņļžčķģ äõöüšž".split(" ")],
  },
];
