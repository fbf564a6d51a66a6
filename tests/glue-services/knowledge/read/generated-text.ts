import type { Random } from "../../random.ts";

/** Text as somebody writes it in one language, in the encodings that its programs wrote before UTF-8. */
export interface Written {
  encodings: readonly string[];
  text(random: Random): string;
}

const german =
  "über für Größe Schlüssel Straße Brücke prüfen löschen ändern können müssen während Übersicht Gerät Köln schließen öffnen zurück wählen Menü Lösung Gebühr jährlich verfügbar die der und nicht mit ist auf Datei Benutzer Seite kann wird werden nach bei Konto";
const french =
  "élève préféré où déjà été après très être mémoire sécurité clé données paramètres créé supprimé fenêtre fichier français garçon août hôtel naïf réseau accès le la les et de une pour dans avec votre compte page serveur document";
const spanish =
  "niño pequeño habitación configuración contraseña también después más sesión página archivo año días función acción información está aquí línea número el la los una para con usuario servidor cuenta datos puede nombre sistema";
const russian =
  "маяк стоит на скале срок возврата составляет тридцать дней перед установкой сделайте копию данных пользователь может изменить пароль в настройках системы если сервер не отвечает проверьте подключение и повторите попытку файл удалён новый ключ доступа документ страница только для чтения ошибка запрос ответ после обновления";
const ukrainian =
  "користувач може змінити пароль у налаштуваннях системи якщо сервер не відповідає перевірте підключення файл видалено новий ключ доступу документ сторінка тільки для читання помилка запит відповідь після оновлення її має бути";
const greek =
  "ο χρήστης μπορεί να αλλάξει τον κωδικό στις ρυθμίσεις του συστήματος αν διακομιστής δεν απαντά ελέγξτε τη σύνδεση αρχείο διαγράφηκε νέο κλειδί πρόσβασης έγγραφο σελίδα μόνο για ανάγνωση σφάλμα μετά την ενημέρωση και";
const hebrew =
  "המשתמש יכול לשנות את הסיסמה בהגדרות המערכת אם השרת אינו עונה בדוק את החיבור הקובץ נמחק מפתח גישה חדש מסמך עמוד לקריאה בלבד שגיאה בקשה תשובה אחרי העדכון של";
const arabic =
  "يمكن للمستخدم تغيير كلمة المرور في إعدادات النظام إذا لم يستجب الخادم تحقق من الاتصال تم حذف الملف مفتاح وصول جديد مستند صفحة للقراءة فقط خطأ طلب إجابة بعد التحديث على";
const thai =
  "ผู้ใช้สามารถเปลี่ยนรหัสผ่าน ในการตั้งค่าของระบบ หากเซิร์ฟเวอร์ไม่ตอบ ตรวจสอบการเชื่อมต่อ ไฟล์ถูกลบแล้ว เอกสาร หน้านี้อ่านได้อย่างเดียว หลังจากการปรับปรุง ข้อผิดพลาด";
const polish =
  "użytkownik może zmienić hasło w ustawieniach systemu jeśli serwer nie odpowiada sprawdź połączenie plik został usunięty nowy klucz dostępu strona tylko do odczytu błąd żądanie odpowiedź później źródło ćwiczenie łączność wyłącz";
const czech =
  "uživatel může změnit heslo v nastavení systému pokud server neodpovídá zkontrolujte připojení soubor byl smazán nový klíč přístupu stránka jen pro čtení chyba žádost odpověď později také různé většina dále účet";
const turkish =
  "kullanıcı parolayı değiştirebilir sistem ayarlarında sunucu yanıt vermiyorsa bağlantıyı denetleyin dosya silindi yeni erişim anahtarı sayfa yalnızca okunur hata istek yanıt güncellemeden sonra için ve şifre çalışma ağ";
const korean =
  "환불 기한은 삼십 일입니다 사용자는 설정에서 비밀번호를 바꿀 수 있습니다 서버가 응답하지 않으면 연결을 확인하십시오 파일이 삭제되었습니다 새로운 문서 페이지는 읽기만 가능합니다 오류 요청 시스템 업데이트 후에 다시 시도하세요 데이터를 먼저 저장하고 이름을 선택합니다";
const japanese =
  "灯台の 管理人は 鈴木です 合言葉は 山川海である この ファイルを 開いて 設定を 変更してください カタカナの テストです サーバーが 応答しない 場合は 接続を 確認します 新しい 利用者の 名前を 入力する データは 毎日 保存される 期限を 過ぎると 返金 できません 更新の 後で 再び 試して ください";
const simplified =
  "退款 期限 为 三十 天 请 在 收到 货物 后 提出 申请 逾期 不予 受理 安装 软件 之前 备份 所有 的 数据 用户 可以 系统 设置 中 修改 密码 如果 服务器 没有 回应 检查 网络 连接 文件 已经 删除 新 的 文档 页面 只 能 阅读 错误 更新 以后 再 试 一 次 我们 这个 问题";
const traditional =
  "退款 期限 為 三十 天 請 在 收到 貨物 後 提出 申請 逾期 不予 受理 安裝 軟體 之前 備份 所有 的 資料 使用者 可以 系統 設定 中 修改 密碼 如果 伺服器 沒有 回應 檢查 網路 連線 檔案 已經 刪除 新 的 文件 頁面 只 能 閱讀 錯誤 更新 以後 再 試 一 次 我們 這個 問題";

/** What each generated text is in. */
export const languages: readonly Written[] = [
  spaced(german, ["windows-1252"]),
  spaced(french, ["windows-1252"]),
  spaced(spanish, ["windows-1252"]),
  spaced(russian, ["windows-1251", "koi8-r", "ibm866"]),
  spaced(ukrainian, ["windows-1251"]),
  spaced(greek, ["windows-1253"]),
  spaced(hebrew, ["windows-1255"]),
  spaced(arabic, ["windows-1256"]),
  spaced(thai, ["windows-874"]),
  spaced(polish, ["windows-1250"]),
  spaced(czech, ["windows-1250"]),
  spaced(turkish, ["windows-1254"]),
  spaced(korean, ["euc-kr"]),
  dense(japanese, ["shift_jis", "euc-jp"]),
  dense(simplified, ["gb18030", "gbk"]),
  dense(traditional, ["big5"]),
  // Every second byte of its ASCII is zero.
  {
    encodings: ["utf-16le", "utf-16be"],
    text: (random) => `Line one\n${sentences(random, german.split(" "), " ", ".")}`,
  },
];

function spaced(words: string, encodings: readonly string[]): Written {
  const known = words.split(" ");
  return {
    encodings,
    text: (random) => mixed(random, sentences(random, [...known, ...made(random, known)], " ", ".")),
  };
}

function dense(words: string, encodings: readonly string[]): Written {
  const known = words.split(" ");
  return { encodings, text: (random) => mixed(random, sentences(random, known, "", "。")) };
}

/** Words of nobody, of pieces of words that are: names and terms that no list has. */
function made(random: Random, words: readonly string[]): string[] {
  return Array.from({ length: 8 }, () => {
    const [one, other] = [random.pick(words), random.pick(words)];
    const joined = one.slice(0, Math.ceil(one.length / 2)) + other.slice(Math.floor(other.length / 2));
    return random.below(4) === 0 ? joined.slice(0, 1).toUpperCase() + joined.slice(1) : joined;
  });
}

function sentences(random: Random, words: readonly string[], between: string, end: string): string {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const said = Array.from({ length: 4 + random.below(12) }, () => random.pick(words)).join(between);
    return said.slice(0, 1).toUpperCase() + said.slice(1) + end;
  }).join(random.pick(["\n", between, "\r\n"]));
}

/** Half of such texts have code, numbers or names in ASCII before them. */
function mixed(random: Random, text: string): string {
  const ascii = [
    "",
    "",
    "",
    "DevFlow 4.2: config.yaml\n",
    "2026-01-31 12:00:00 INFO ",
    "# README\n\nnpm install -g tool\n\n",
  ];
  return random.pick(ascii) + text;
}
