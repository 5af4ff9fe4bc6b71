/**
 * Knows the headings of sections with sources and links instead of prose, in the languages of the larger Wikipedias.
 */

const HEADINGS = new Set(
  `
  references|reference|references and notes|notes and references|notes|note|footnotes|endnotes|citations|citation|sources|source|works cited|cited works|
  cited sources|general references|general sources|general and cited references|general and cited sources|explanatory notes|notes and citations|
  citations and notes|references and sources|sources and references|references and further reading|inline citations|primary sources|secondary sources|
  tertiary sources|additional references|other references|bibliography|select bibliography|selected bibliography|further reading|additional reading|
  suggested reading|recommended reading|reading list|literature cited|further reading and external links|external links|external link|
  external links and references|external links and further reading|external sources|external references|external resources|links|other websites|
  web links|websites|online resources|see also|related pages|related articles|navigation|image gallery|gallery|galleries|image credits|photo gallery
  einzelnachweise|anmerkungen|anmerkungen und einzelnachweise|einzelnachweise und anmerkungen|fußnoten|quellen|quellen und einzelnachweise|literatur|
  weblinks|siehe auch|belege|nachweise|weiterführende literatur|galerie|bilder
  références|notes et références|notes|voir aussi|liens externes|lien externe|articles connexes|article connexe|bibliographie|annexes|sources|
  liens internes|pour approfondir|galerie
  referencias|véase también|enlaces externos|notas|bibliografía|notas y referencias|referencias y notas|lectura adicional|galería|fuentes
  note|bibliografia|voci correlate|altri progetti|collegamenti esterni|riferimenti|fonti|galleria d'immagini
  referências|ver também|ligações externas|notas|bibliografia|notas e referências|leitura adicional|galeria
  bronnen|bronnen, noten en/of referenties|externe links|externe link|zie ook|noten|literatuur|referenties|voetnoten|galerij|afbeeldingen
  przypisy|bibliografia|linki zewnętrzne|zobacz też|uwagi|źródła|galeria
  примечания|литература|ссылки|см. также|источники|галерея|библиография
  примітки|література|посилання|див. також|джерела|галерея
  källor|referenser|noter|fotnoter|externa länkar|se även|se också|vidare läsning|litteratur|bildgalleri
  referanser|eksterne lenker|se også|noter|kilder|litteratur|henvisninger|eksterne henvisninger
  lähteet|viitteet|aiheesta muualla|katso myös|kirjallisuutta
  reference|externí odkazy|související články|literatura|poznámky|galerie
  referencie|externé odkazy|pozri aj|iné projekty|zdroje
  jegyzetek|források|további információk|külső hivatkozások|lásd még|irodalom
  kaynakça|dış bağlantılar|ayrıca bakınız|notlar
  note|referințe|legături externe|vezi și|bibliografie
  παραπομπές|πηγές|εξωτερικοί σύνδεσμοι|δείτε επίσης|βιβλιογραφία
  atsauces|atsaucis|literatura|skaties ari|skatīt arī|ārējās saites|ōrejī saiti|ōrejuos saitys|vērīs taipoš|verīs taipoš|verīs taipat|nūruodis|nūruodes
  išnašos|šaltiniai|nuorodos|taip pat skaitykite|literatūra
  viited|välislingid|vaata ka|kirjandus
  izvori|vanjske poveznice|povezani članci|литература|референце|спољашње везе|види још|izvori i literatura
  бележки|външни препратки|вижте също|източници|крыніцы|спасылкі|літаратура
  referències|enllaços externs|vegeu també|bibliografia|notes i referències
  erreferentziak|kanpo estekak|ikus, gainera|referencoj|eksteraj ligiloj|vidu ankaŭ
  catatan kaki|referensi|pranala luar|lihat pula|daftar pustaka|rujukan|pautan luar|lihat juga
  tham khảo|chú thích|liên kết ngoài|xem thêm|đọc thêm
  脚注|注釈|出典|参考文献|関連項目|外部リンク|関連文献|注釈・出典|関連書籍|参照
  参考文献|參考文獻|参考资料|參考資料|外部链接|外部連結|外部鏈接|参见|參見|注释|註釋|延伸阅读|延伸閱讀|参考|參考|备注|脚註|相關條目|相关条目|图集|圖集
  각주|같이 보기|외부 링크|참고 문헌|참고문헌|출처|주석
  مراجع|المراجع|وصلات خارجية|انظر أيضًا|انظر أيضا|اقرأ أيضًا|مصادر|المصادر|هوامش|معرض صور|ملاحظات
  منابع|پانویس|جستارهای وابسته|پیوند به بیرون|یادداشت‌ها|حوالہ جات|بیرونی روابط|مزید دیکھیے
  הערות שוליים|קישורים חיצוניים|ראו גם|לקריאה נוספת
  सन्दर्भ|संदर्भ|बाहरी कड़ियाँ|इन्हें भी देखें|तथ्यसूत्र|বহিঃসংযোগ|তথ্যসূত্র|আরও দেখুন
  อ้างอิง|แหล่งข้อมูลอื่น|ดูเพิ่ม|หมายเหตุ|เชิงอรรถ
  `
    .split(/[|\n]/)
    .map((heading) => heading.trim())
    .filter((heading) => heading !== ''),
);

/** Whether a section under this heading has no prose to answer from. */
export function isBackMatter(heading: string): boolean {
  return HEADINGS.has(heading.trim().replace(/:$/, '').toLowerCase());
}
