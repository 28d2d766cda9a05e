// Written by `folkmoot jmap-types --typescript`; edits are lost.

/** An address book (RFC 9610 section 2). */
export interface AddressBook {
  readonly id: string;
  name: string;
  description: string | null;
  sortOrder: number;
  readonly isDefault: boolean;
  isSubscribed: boolean;
  shareWith: Record<string, Record<string, unknown>> | null;
  readonly myRights: AddressBookRights;
  /** where cards come from: written by people, or a user source of the server */
  readonly source: "directory" | "own";
  /** whether it tells cards only to who searches */
  readonly mustSearch: boolean;
}

/** A password for one device, where nobody is there to be asked for a second factor. */
export interface AppPassword {
  readonly id: string;
  /** such as that of the device */
  readonly name: string;
  /** what it opens: CalDAV and CardDAV, ActiveSync, JMAP without a browser, or IMAP, SMTP and ManageSieve */
  readonly protocols: ("dav" | "eas" | "jmap" | "mail")[];
  readonly created: string;
  /** null: it is good until it is destroyed */
  readonly expires: string | null;
  /** to five minutes */
  readonly lastUsed: string | null;
  /** an address */
  readonly lastUsedFrom: string;
  /** the program, where it says so */
  readonly lastUsedBy: string;
  /** told once, by the call that creates it */
  readonly password: string | null;
}

/** What an administrator has done. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  /** to whom; empty: nobody */
  readonly subject: string;
  readonly details: Record<string, string | number | null>;
}

/** A calendar. */
export interface Calendar {
  readonly id: string;
  name: string;
  description: string | null;
  color: string | null;
  sortOrder: number;
  isSubscribed: boolean;
  isVisible: boolean;
  readonly isDefault: boolean;
  includeInAvailability: "all" | "none";
  defaultAlertsWithTime: Record<string, Record<string, unknown>> | null;
  defaultAlertsWithoutTime: Record<string, Record<string, unknown>> | null;
  timeZone: string | null;
  shareWith: Record<string, Record<string, unknown>> | null;
  readonly myRights: CalendarRights;
  /** where events come from: written by people, fetched from a URL, computed from address books */
  readonly source: "computed" | "own" | "web";
  /** which iCalendar components it takes; empty for all */
  readonly components: string[];
}

/** What JMAP adds to a JSCalendar Event. */
export interface CalendarEvent {
  readonly id: string;
  readonly baseEventId: string | null;
  calendarIds: Record<string, boolean>;
  isDraft: boolean;
  readonly isOrigin: boolean;
  utcStart: string | null;
  utcEnd: string | null;
  useDefaultAlerts: boolean;
  [property: string]: unknown;
}

/** That somebody else changed an event of one's own. */
export interface CalendarEventNotification {
  readonly id: string;
  readonly created: string;
  readonly changedBy: Record<string, unknown>;
  readonly comment: string | null;
  readonly type: "created" | "destroyed" | "updated";
  readonly calendarEventId: string;
  readonly isDraft: boolean;
  readonly event: Record<string, unknown>;
  readonly eventPatch: Record<string, unknown> | null;
}

/** A contact or a group: what JMAP adds (RFC 9610 section 3) to a JSContact Card (RFC 9553 section 2). */
export interface ContactCard {
  readonly id: string;
  /** one id; the default book if nothing is said */
  addressBookIds: Record<string, boolean> | null;
  readonly uid: string;
  kind: string;
  /** when it came to this server; what clients say is not kept */
  created: string | null;
  /** when it was last written; what clients say is not kept */
  updated: string | null;
  prodId: string | null;
  language: string | null;
  name: Record<string, unknown> | null;
  nicknames: Record<string, Record<string, unknown>> | null;
  organizations: Record<string, Record<string, unknown>> | null;
  speakToAs: Record<string, unknown> | null;
  titles: Record<string, Record<string, unknown>> | null;
  emails: Record<string, Record<string, unknown>> | null;
  onlineServices: Record<string, Record<string, unknown>> | null;
  phones: Record<string, Record<string, unknown>> | null;
  preferredLanguages: Record<string, Record<string, unknown>> | null;
  calendars: Record<string, Record<string, unknown>> | null;
  schedulingAddresses: Record<string, Record<string, unknown>> | null;
  addresses: Record<string, Record<string, unknown>> | null;
  cryptoKeys: Record<string, Record<string, unknown>> | null;
  directories: Record<string, Record<string, unknown>> | null;
  links: Record<string, Record<string, unknown>> | null;
  media: Record<string, Record<string, unknown>> | null;
  localizations: Record<string, Record<string, unknown>> | null;
  anniversaries: Record<string, Record<string, unknown>> | null;
  keywords: Record<string, boolean> | null;
  members: Record<string, boolean> | null;
  notes: Record<string, Record<string, unknown>> | null;
  personalInfo: Record<string, Record<string, unknown>> | null;
  relatedTo: Record<string, Record<string, unknown>> | null;
  [property: string]: unknown;
}

/** A file on its way into a calendar, an address book or a mailbox; exactly one of these is named. */
export interface DataImport {
  readonly id: string;
  /** the file; not told afterwards */
  readonly blobId: string | null;
  /** null: the account of the call */
  readonly targetAccountId: string | null;
  readonly calendarId: string | null;
  readonly addressBookId: string | null;
  readonly mailboxId: string | null;
  /** of the file */
  readonly name: string;
  /** null: as name, type or content tell; `zip` is of `.eml` */
  readonly format: "csv" | "eml" | "ics" | "ldif" | "mbox" | "vcf" | "zip" | null;
  /** check and report everything, store nothing */
  readonly dryRun: boolean;
  /** true ends it; what is in stays */
  isCancelled: boolean;
  /** interrupted: the server went away; importing once more changes nothing of what is in */
  readonly stage: "cancelled" | "done" | "failed" | "interrupted" | "running" | "waiting";
  /** items of the file; 0 until it has been read */
  readonly total: number;
  readonly created: number;
  /** by items with the same UID */
  readonly replaced: number;
  readonly unchanged: number;
  readonly rejected: number;
  /** the first 500 that were rejected */
  readonly report: Rejected[];
  /** why it failed */
  readonly fault: string;
  readonly begun: string;
  /** it is forgotten a day later */
  readonly changed: string;
}

/** Who gets a short mail for each mail. */
export interface DeliveryNotice {
  readonly id: string;
  isEnabled: boolean;
  addresses: string[];
  message: string;
}

/** A message; ``header:…`` beside these (RFC 8621 section 4.1). */
export interface Email {
  mailboxIds: Record<string, boolean>;
  readonly id: string;
  readonly blobId: string;
  readonly threadId: string;
  keywords: Record<string, boolean>;
  readonly size: number;
  readonly receivedAt: string;
  readonly messageId: string[] | null;
  readonly inReplyTo: string[] | null;
  readonly references: string[] | null;
  readonly sender: Address[] | null;
  readonly from: Address[] | null;
  readonly to: Address[] | null;
  readonly cc: Address[] | null;
  readonly bcc: Address[] | null;
  readonly replyTo: Address[] | null;
  readonly subject: string | null;
  readonly sentAt: string | null;
  readonly headers: HeaderField[] | null;
  readonly bodyStructure: Record<string, unknown> | null;
  readonly bodyValues: Record<string, BodyValue> | null;
  readonly textBody: Record<string, unknown>[] | null;
  readonly htmlBody: Record<string, unknown>[] | null;
  readonly attachments: Record<string, unknown>[] | null;
  readonly hasAttachment: boolean;
  readonly preview: string;
  /** RFC 9219 */
  readonly smimeStatus: string | null;
  readonly smimeStatusAtDelivery: string | null;
  readonly smimeErrors: string[] | null;
  readonly smimeVerifiedAt: string | null;
  /** beyond the standard: 1, the highest, to 5 */
  readonly priority: number;
  /** beyond the standard: of the mailing list it came by */
  readonly listId: string | null;
}

/** An email on its way (RFC 8621 section 7). */
export interface EmailSubmission {
  readonly identityId: string;
  readonly emailId: string;
  readonly id: string;
  /** null where the email is not there any more */
  readonly threadId: string | null;
  readonly envelope: Envelope | null;
  readonly sendAt: string;
  undoStatus: string;
  readonly deliveryStatus: Record<string, DeliveryStatus> | null;
  readonly dsnBlobIds: string[];
  readonly mdnBlobIds: string[];
}

/** An email, or a message within it, ready to be shown. */
export interface EmailView {
  readonly id: string;
  /** a whole page of safe HTML, for a sandboxed frame; null where it is too long */
  readonly document: string | null;
  /** the same page, served with its policy */
  readonly documentUrl: string;
  /** the Content-Security-Policy of the page */
  readonly documentPolicy: string;
  /** the same as plain text */
  readonly text: string;
  readonly isTextCut: boolean;
  /** nothing of it was HTML */
  readonly isPlain: boolean;
  /** `plain`, `html`, where there is a choice */
  readonly alternatives: string[];
  readonly pictures: ShownPictures;
  readonly attachments: ShownAttachment[];
  /** all of them as a zip */
  readonly attachmentsUrl: string | null;
  readonly invitations: Invitation[];
  readonly security: Security;
  readonly receipt: ReceiptAsked | null;
  readonly mailingList: ListShown | null;
  readonly authentication: Verdicts | null;
  /** 1, the highest, to 5 */
  readonly priority: number;
  readonly oddities: Oddity[];
  readonly reports: DeliveryReport[];
}

/** Where mail is sent on to. */
export interface Forward {
  readonly id: string;
  isEnabled: boolean;
  addresses: string[];
  keepCopy: boolean;
  /** before the filters, which may stop */
  alwaysSend: boolean;
}

/** The roles of one person or group, or of everybody, on one calendar or address book, as they are kept. */
export interface Grant {
  readonly id: string;
  readonly objectType: "AddressBook" | "Calendar";
  readonly objectId: string;
  /** null where it is about everybody */
  readonly principalId: string | null;
  /** all who sign in here, or all who know the address */
  readonly everybody: "anonymous" | "signedIn" | null;
  /** for calendars Public, Private or Confidential with DAndTViewer, Viewer, Responder or Modifier; for books ObjectViewer, ObjectEditor; for both ObjectCreator, ObjectEraser; or None, against the defaults */
  roles: string[];
}

/** An identity (RFC 8621 section 6). */
export interface Identity {
  readonly email: string;
  readonly id: string;
  name: string;
  /** at most one; its name is not kept */
  replyTo: EmailAddress[] | null;
  /** names are not kept */
  bcc: EmailAddress[] | null;
  textSignature: string;
  htmlSignature: string;
  readonly mayDelete: boolean;
  /** beyond the standard: the one that new messages begin with */
  isDefault: boolean;
}

/** What the server has to do without being asked by anybody. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  /** what it is about */
  readonly key: string;
  readonly due: string;
  /** unless it takes longer; null: it waits */
  readonly runningUntil: string | null;
  readonly attempts: number;
  /** of the last attempt */
  readonly fault: string;
}

/** A keyword, and how it is shown. */
export interface Label {
  name: string;
  readonly id: string;
  /** of emails; made of the name */
  readonly keyword: string;
  color: string;
}

/** An address by which whoever knows it reads a calendar. */
export interface Link {
  readonly id: string;
  readonly calendarId: string;
  /** what it is for */
  readonly label: string;
  /** when, and not what */
  readonly datesOnly: boolean;
  /** private and confidential events, too */
  readonly withPrivate: boolean;
  readonly created: string;
  /** null: it is good until it is destroyed */
  readonly expires: string | null;
  /** null where it was made with a key that is lost */
  readonly url: string | null;
}

/** An account elsewhere; its id is that of the JMAP account. */
export interface MailAccount {
  userName: string;
  imap: Server;
  readonly id: string;
  name: string;
  /** null: mail goes by this server */
  smtp: Server | null;
  /** never told; needed where server or user name change */
  password: string | null;
}

/** Somebody who may use the account, and write in its owner's name. */
export interface MailDelegate {
  /** the person's name in the directory */
  readonly principalId: string;
  readonly id: string;
}

/** All filters of an account, in their order. */
export interface MailFilter {
  readonly id: string;
  filters: Filter[];
}

/** A mailbox, or a level that only holds others. */
export interface Mailbox {
  name: string;
  readonly id: string;
  parentId: string | null;
  role: string | null;
  sortOrder: number;
  readonly totalEmails: number;
  readonly unreadEmails: number;
  readonly totalThreads: number;
  readonly unreadThreads: number;
  readonly myRights: MailboxRights;
  isSubscribed: boolean;
}

/** What somebody may do in a mailbox. */
export interface MailboxGrant {
  /** RFC 4314's letters */
  rights: ("l" | "r" | "s" | "w" | "i" | "p" | "k" | "x" | "t" | "e" | "a")[];
  /** null with kind anyone */
  readonly principalId: string | null;
  readonly id: string;
  readonly kind: "user" | "group" | "anyone" | "other";
  /** as the mail server writes it */
  readonly identifier: string;
}

/** What everybody is told: plain text, whose URLs programs may show as links. */
export interface MessageOfTheDay {
  readonly id: string;
  text: string;
  since: string | null;
  until: string | null;
}

/** A browser that is signed in. */
export interface OpenSession {
  readonly id: string;
  /** such as `Firefox on Linux` */
  readonly browser: string;
  /** what the browser calls itself */
  readonly agent: string;
  /** from where it was begun */
  readonly address: string;
  readonly created: string;
  /** to five minutes */
  readonly lastUsed: string;
  /** unless it is used */
  readonly expires: string;
  /** the one that asks */
  readonly isPresent: boolean;
}

/** A mail that the server writes by itself: an invitation, a notice, a reminder. */
export interface OutboxLetter {
  readonly id: string;
  /** set to `waiting` it is sent at once */
  state: "dead" | "sending" | "sent" | "waiting";
  readonly kind: string;
  /** for whom it is written */
  readonly sender: string;
  readonly recipient: string;
  readonly attempts: number;
  /** what the last server said */
  readonly fault: string;
  readonly created: string;
  readonly changed: string;
}

/** An address by which the caller takes part in meetings. */
export interface ParticipantIdentity {
  readonly id: string;
  readonly name: string;
  readonly calendarAddress: string;
  readonly isDefault: boolean;
}

/** A key pair of a device or password manager (WebAuthn). */
export interface Passkey {
  readonly id: string;
  /** such as that of the device */
  name: string;
  /** asked for after the password; else it may stand for the password */
  required: boolean;
  readonly created: string;
  readonly lastUsed: string | null;
}

/** What a new password of one's own must satisfy; it is changed by SOGo's action `changePassword`. */
export interface PasswordPolicy {
  readonly id: string;
  /** whether passwords are changed here at all */
  readonly isOffered: boolean;
  readonly rules: PasswordRule[];
}

/** A server that ours needs, and how it answers now. */
export interface Peer {
  readonly id: string;
  readonly milliseconds: number;
  /** empty: it answers */
  readonly fault: string;
}

/** Somebody, or a group, room or thing, of any user source; the id is the Principal's. */
export interface Person {
  readonly id: string;
  readonly login: string;
  name: string;
  email: string;
  /** further addresses */
  aliases: string[];
  readonly kind: "group" | "individual" | "location" | "resource";
  /** of a resource: meetings at a time; 0 any, -1 any but shown as busy */
  multipleBookings: number;
  /** `local` is the built-in one */
  readonly source: string;
  readonly isEditable: boolean;
  /** never told; without one nobody signs in by this name */
  password: string | null;
  /** never told; with a password: it serves for choosing another */
  mustChangePassword: boolean;
}

/** What one has chosen, or inherits from the domain. Null takes a choice back. */
export interface Preferences {
  readonly id: string;
  /** the properties that are one's own; all others are inherited */
  readonly chosen: string[];
  /** nobody may invite, but who is in the list */
  calendarPreventInvitations: boolean;
  /** who may invite all the same, by name */
  calendarInvitationWhitelist: Record<string, string>;
  /** no mail about answers given by CalDAV clients */
  calendarNoMailForDavReplies: boolean;
  /** whatever the web application keeps for itself, 64 kB at most */
  ui: Record<string, unknown>;
  /** IANA time zone of people who have not chosen one, for example `Europe/Paris`. */
  timeZone: string;
  /** Language of people who have not chosen one. */
  language: string;
  /** Calendar that a new event is put into. */
  calendarDefaultCalendar: "first" | "personal" | "selected";
  /** Invitations that come by mail: `tentative` puts them into the calendar, unanswered; `none` leaves them in the mailbox. Changes and cancellations of what is in the calendar, and answers, are taken in either way. */
  calendarInvitationIntake: "none" | "tentative";
  /** Hour at which the working day begins. */
  calendarDayStart: string;
  /** Hour at which the working day ends. */
  calendarDayEnd: string;
  /** First day of the week; 0 is Sunday. */
  calendarFirstWeekday: number;
  /** Which week is the year's first. */
  calendarFirstWeek: "First4DayWeek" | "FirstFullWeek" | "January1";
  /** How times are written. */
  calendarTimeFormat: string;
  /** How dates are written in little space. */
  calendarShortDateFormat: string;
  /** How dates are written in full. */
  calendarLongDateFormat: string;
  /** Categories offered; empty offers the usual ones in the user's language. */
  calendarCategories: string[];
  /** Colour of each category. */
  calendarCategoryColors: Record<string, string>;
  /** Class of a new event. */
  calendarEventClassification: "CONFIDENTIAL" | "PRIVATE" | "PUBLIC";
  /** Class of a new task. */
  calendarTaskClassification: "CONFIDENTIAL" | "PRIVATE" | "PUBLIC";
  /** Reminder of a new event: `NONE` or a time before it such as `-PT15M`. */
  calendarReminder: string;
  /** Free-busy shows the time outside working hours as taken, for people who state no availability. */
  calendarBusyOffHours: boolean;
  /** Days shown, and with working hours, such as `MO`; empty is all. */
  calendarWeekdays: string[];
  /** Show Saturday and Sunday. */
  calendarWeekend: boolean;
  /** Categories offered. */
  contactsCategories: string[];
  /** How long a message can be taken back after it was sent, at most 60. */
  mailUndoSendSeconds: number;
  /** Columns of message lists. */
  mailColumns: string[];
  /** Replies quote as Outlook does. */
  mailOutlookStyleReplies: boolean;
  /** Recipients who are in no address book of theirs are put into one. */
  mailCollectAddresses: boolean;
  /** The address book for that, one of the user's own. */
  mailCollectedAddressBook: string;
  /** How messages are forwarded. */
  mailForwarding: "attached" | "inline";
  /** Where the answer stands. */
  mailReplyPlacement: "above" | "below";
  /** Where the signature stands. */
  mailSignaturePlacement: "above" | "below";
  /** Sign new messages. */
  mailSignNew: boolean;
  /** Sign replies. */
  mailSignReplies: boolean;
  /** Sign forwarded messages. */
  mailSignForwards: boolean;
  /** How messages are written. */
  mailComposeType: "html" | "text";
  /** Size of letters; 0 is the browser's. */
  mailComposeFontSize: number;
  /** Where messages are written. */
  mailComposeWindow: "inline" | "popup";
  /** Lists show whole addresses. */
  mailFullAddresses: boolean;
  /** Inline parts are not listed as attachments. */
  mailHideInlineAttachments: boolean;
  /** Show pictures from elsewhere. */
  mailRemoteImages: "always" | "never";
  /** Senders whose pictures from elsewhere are shown all the same: addresses, or `@` and a domain. */
  mailPictureSenders: string[];
  /** Attachments are listed above the text. */
  mailAttachmentsAbove: boolean;
  /** When a shown message counts as read; -1: never. */
  mailMarkReadDelaySeconds: number;
  /** How often drafts are saved. */
  mailAutosaveMinutes: number;
  /** Lists show conversations. */
  mailThreads: boolean;
  /** Devices get the usual mailboxes only. */
  mailSyncDefaultOnly: boolean;
  /** Requests for receipts are looked at. */
  mailReceipts: boolean;
  /** If the user is no recipient. */
  mailReceiptNonRecipient: "ask" | "ignore" | "send";
  /** If the sender is of another domain. */
  mailReceiptOutside: "ask" | "ignore" | "send";
  /** In all other cases. */
  mailReceiptAny: "ask" | "ignore" | "send";
  /** Replies too come from the default identity. */
  mailForceDefaultIdentity: boolean;
  /** Sign with S/MIME. */
  mailAlwaysSign: boolean;
  /** Encrypt with S/MIME where possible. */
  mailAlwaysEncrypt: boolean;
  /** Mailbox of drafts; `/` parts levels. */
  mailDraftsFolder: string;
  /** Mailbox of sent mail. */
  mailSentFolder: string;
  /** Mailbox of deleted mail. */
  mailTrashFolder: string;
  /** Mailbox of junk. */
  mailJunkFolder: string;
  /** Mailbox of templates. */
  mailTemplatesFolder: string;
  /** Show subscribed mailboxes only. */
  mailSubscribedOnly: boolean;
  /** Module shown after signing in. */
  module: "Calendar" | "Contacts" | "Last" | "Mail";
  /** Show the module last used instead. */
  rememberModule: boolean;
  /** How often views are refreshed: `manually`, `every_minute`, `every_2_minutes` and so on, `once_per_hour`. */
  refresh: string;
  /** How much of the page is animated. */
  animation: "limited" | "none" | "normal";
  /** Ask Gravatar for pictures of people. */
  gravatar: boolean;
  /** Generated picture of a person without one. */
  alternateAvatar: "identicon" | "monsterid" | "none" | "retro" | "wavatar";
}

/** Somebody, or a group, a room, a thing, that has an account or can be given rights. */
export interface Principal {
  readonly id: string;
  readonly type: "group" | "individual" | "location" | "other" | "resource";
  readonly name: string;
  readonly description: string | null;
  readonly email: string | null;
  /** told of oneself only, who may set it; of others it is null */
  timeZone: string | null;
  readonly capabilities: Record<string, unknown>;
  readonly accounts: Record<string, unknown> | null;
}

/** Where a device is told of changes while it is away. */
export interface PushSubscription {
  readonly id: string;
  readonly deviceClientId: string;
  /** an https: URL of a push service; never told */
  readonly url: string;
  /** without them pushes are sent as they are; never told */
  readonly keys: PushKeys | null;
  /** what came in the first push */
  verificationCode: string | null;
  /** at most 30 days from now */
  expires: string | null;
  /** null: all */
  types: string[] | null;
}

/** One limit of an account (RFC 9425 section 4.1). */
export interface Quota {
  readonly resourceType: string;
  readonly name: string;
  readonly id: string;
  readonly used: number;
  readonly hardLimit: number;
  readonly warnLimit: number | null;
  readonly softLimit: number | null;
  readonly scope: string;
  readonly types: string[];
  readonly description: string | null;
}

/** One suggestion; the likeliest comes first, and no address comes twice. */
export interface Recipient {
  readonly name: string;
  /** null for a list, whose members are those of its card */
  readonly email: string | null;
  readonly kind: "group" | "list" | "person" | "resource";
  /** where the card is */
  readonly accountId: string | null;
  readonly addressBookId: string | null;
  readonly cardId: string | null;
  /** whom the directory knows */
  readonly principalId: string | null;
}

/** How one proves who one is after the password was forgotten. */
export interface Recovery {
  readonly id: string;
  readonly isOffered: boolean;
  mode: "Disabled" | "SecondaryEmail" | "SecretQuestion";
  /** those to choose from, by their names */
  readonly questions: string[];
  /** one of these */
  question: string;
  /** whether the question has an answer */
  readonly isAnswered: boolean;
  /** never told; null leaves it */
  answer: string | null;
  /** of another mailbox, for a link */
  address: string;
}

/** What is asked for after the password. */
export interface SecondFactor {
  readonly id: string;
  /** six digits of an authenticator app */
  readonly code: boolean;
  /** one of the passkeys that are required */
  readonly passkey: boolean;
  /** that are left */
  readonly recoveryCodes: number;
  /** of the app */
  readonly since: string | null;
}

/** Somebody else changed one's own rights. */
export interface ShareNotification {
  readonly id: string;
  readonly created: string;
  readonly changedBy: Entity;
  readonly objectType: string;
  readonly objectAccountId: string;
  readonly objectId: string;
  readonly oldRights: Record<string, boolean> | null;
  readonly newRights: Record<string, boolean> | null;
  readonly name: string;
}

/** A script (RFC 9661 section 2). */
export interface SieveScript {
  blobId: string;
  readonly id: string;
  name: string | null;
  readonly isActive: boolean;
}

/** What holds for whoever asks; it changes when the server is configured anew. */
export interface Site {
  readonly id: string;
  readonly title: string;
  /** plain text; empty: none */
  readonly messageOfTheDay: string;
  readonly helpUrl: string | null;
  /** for superusers */
  readonly version: string | null;
  readonly isSuperuser: boolean;
  /** by the names that `Preferences` has */
  readonly languages: string[];
  /** `Mail`, `Calendar`, `Contacts`, `ActiveSync` … */
  readonly modulesDenied: string[];
  /** modules */
  readonly exportDisabled: string[];
  /** modules */
  readonly sharingDisabled: string[];
  /** modules */
  readonly sharingWithAllDisabled: string[];
  /** whether anything is shown to who has not signed in */
  readonly publicAccess: boolean;
  /** before the server is asked for people */
  readonly searchLettersMin: number;
  /** to choose from */
  readonly refreshMinutes: number[];
  readonly subscriptionNameFormat: string;
  /** whether anybody may ask Gravatar */
  readonly externalAvatars: boolean;
  readonly passwordsAreChanged: boolean;
  readonly passwordsAreRecovered: boolean;
  readonly passkeysAreOffered: boolean;
  /** whether people may add other mail accounts */
  readonly accountsElsewhere: boolean;
  readonly identitiesAreFixed: boolean;
  readonly smime: boolean;
  readonly uploadOctetsMax: number;
  /** beginning of the URL of a meeting; null: not offered */
  readonly jitsiUrl: string | null;
  readonly undoSendSecondsMax: number;
  /** for programs that ask for it */
  readonly davUrl: string;
}

/** The key of an account, of which the certificate alone is told; there is one, or none. */
export interface SmimeKey {
  readonly id: string;
  readonly certificate: SmimeCertificate | null;
}

/** An email that waits; destroying this brings it back. */
export interface Snooze {
  /** it has another id while it waits; this is that one */
  readonly emailId: string;
  readonly until: string;
  readonly id: string;
  /** where it goes back to */
  readonly mailboxId: string | null;
}

/** What JMAP adds to a JSCalendar Task. */
export interface Task {
  readonly id: string;
  taskListId: string;
  isDraft: boolean;
  readonly isOrigin: boolean;
  utcStart: string | null;
  utcDue: string | null;
  useDefaultAlerts: boolean;
  [property: string]: unknown;
}

/** A calendar that takes tasks, as the list of them. */
export interface TaskList {
  readonly id: string;
  readonly role: "inbox" | null;
  name: string;
  description: string | null;
  color: string | null;
  sortOrder: number;
  isSubscribed: boolean;
  isVisible: boolean;
  timeZone: string | null;
  defaultAlertsWithTime: Record<string, Record<string, unknown>> | null;
  defaultAlertsWithoutTime: Record<string, Record<string, unknown>> | null;
  shareWith: Record<string, Record<string, unknown>> | null;
  readonly myRights: TaskListRights;
}

/** A conversation; the ids of its emails stand oldest first. */
export interface Thread {
  readonly id: string;
  readonly emailIds: string[];
}

/** What ``VacationResponse`` has no property for. */
export interface VacationDetails {
  readonly id: string;
  /** to whom mail is answered, beside what the server knows */
  addresses: string[];
  daysBetweenResponse: number | null;
  ignoreLists: boolean;
  /** before the filters, which may stop */
  alwaysSend: boolean;
  discardMails: boolean;
  /** of each day */
  startTime: string | null;
  endTime: string | null;
  /** 0 is Sunday; null: every day */
  weekdays: number[] | null;
}

/** The one vacation answer of an account (RFC 8621 section 8). */
export interface VacationResponse {
  readonly id: string;
  isEnabled: boolean;
  /** the beginning of a day in the person's time zone */
  fromDate: string | null;
  /** the end of a day in the person's time zone */
  toDate: string | null;
  subject: string | null;
  textBody: string | null;
  /** becomes the text, if there is no text */
  htmlBody: string | null;
}

/** A calendar that is a copy of a document elsewhere; its id is that of the calendar. */
export interface WebCalendar {
  readonly id: string;
  /** http:, https: or webcal: */
  readonly url: string;
  /** by default the document's; later the calendar's is changed */
  readonly name: string;
  reloadOnLogin: boolean;
  readonly hasCredentials: boolean;
  /** never told; null and no password: none are sent */
  userName: string | null;
  /** never told; goes with the user name */
  password: string | null;
  /** the copy that is shown */
  readonly fetched: string | null;
  /** the last attempt */
  readonly checked: string | null;
  /** of the last attempt; empty: none */
  readonly error: string;
}

/** What the caller may do with an address book. */
export interface AddressBookRights {
  mayRead?: boolean;
  mayWrite?: boolean;
  mayShare?: boolean;
  mayDelete?: boolean;
}

/** What the caller may do with a calendar. */
export interface CalendarRights {
  mayReadFreeBusy?: boolean;
  mayReadItems?: boolean;
  mayWriteAll?: boolean;
  mayWriteOwn?: boolean;
  mayUpdatePrivate?: boolean;
  mayRSVP?: boolean;
  mayShare?: boolean;
  mayDelete?: boolean;
}

/** What was wrong with one item of a file. */
export interface Rejected {
  where: string;
  reason: string;
}

/** A name and an address as a message has them (RFC 8621 section 4.1.2.3). */
export interface Address {
  email: string;
  name?: string | null;
}

/** A header field as written. */
export interface HeaderField {
  name: string;
  value: string;
}

/** The text of a part (RFC 8621 section 4.1.4). */
export interface BodyValue {
  value: string;
  isEncodingProblem?: boolean;
  isTruncated?: boolean;
}

/** Who sends and who gets a message (RFC 8621 section 7). */
export interface Envelope {
  mailFrom: EnvelopeAddress;
  rcptTo: EnvelopeAddress[];
}

/** What is known of one recipient (RFC 8621 section 7). */
export interface DeliveryStatus {
  smtpReply?: string;
  delivered?: string;
  displayed?: string;
}

/** Pictures that lie elsewhere; they are shown by way of this server alone. */
export interface ShownPictures {
  found?: boolean;
  shown?: number;
  blocked?: number;
  because?: "asked" | "preference" | "sender" | null;
  protected?: boolean;
  trackers?: number;
}

/** A file of the message. */
export interface ShownAttachment {
  partId?: string;
  blobId?: string | null;
  name?: string;
  type?: string;
  size?: number;
  kind?: "calendar" | "card" | "file" | "message" | "page" | "pdf" | "picture" | "text";
  cid?: string | null;
  isInline?: boolean;
  url?: string | null;
  previewUrl?: string | null;
}

/** A calendar in the message, and how the reader stands to it. */
export interface Invitation {
  partId?: string;
  blobId?: string | null;
  method?: string;
  uid?: string | null;
  sort?: "event" | "journal" | "task" | null;
  title?: string | null;
  start?: string | null;
  end?: string | null;
  isRecurring?: boolean;
  status?: string | null;
  organizer?: string | null;
  sequence?: number;
  own?: string | null;
  answers?: string[];
  fault?: string | null;
}

/** What is signed and encrypted. */
export interface Security {
  isSigned?: boolean;
  isEncrypted?: boolean;
  isDecrypted?: boolean;
  standard?: "pgp" | "smime" | null;
  signatures?: ShownSignature[];
  fault?: string | null;
}

/** Who wants to be told that the message was read. */
export interface ReceiptAsked {
  to?: Address[];
  action?: "ask" | "ignore" | "send";
}

/** The mailing list it came by, and how to leave it. */
export interface ListShown {
  id?: string | null;
  name?: string | null;
  post?: string | null;
  unsubscribeMail?: string | null;
  unsubscribeWeb?: string | null;
  unsubscribeOneClick?: string | null;
}

/** What a server that the administrator trusts found out about the sender (RFC 8601). */
export interface Verdicts {
  server?: string;
  spf?: string | null;
  dkim?: string | null;
  dmarc?: string | null;
  domain?: string | null;
  isFailed?: boolean;
}

/** What is odd: a hint, never acted upon. */
export interface Oddity {
  kind?: string;
  shown?: string;
  real?: string;
}

/** A report about a message that was sent. */
export interface DeliveryReport {
  recipients?: RecipientOutcome[];
  originalMessageId?: string | null;
  reporter?: string | null;
}

/** A name and an address (RFC 8621 section 4.1.2.3). */
export interface EmailAddress {
  email: string;
  name?: string | null;
}

/** A mail server as a person writes it down. */
export interface Server {
  host: string;
  port?: number;
  encryption?: "none" | "ssl" | "tls";
}

/** Rules, and what is done where they hold. */
export interface Filter {
  name?: string;
  active?: boolean;
  match?: "all" | "allmessages" | "any";
  rules?: Rule[];
  actions?: Action[];
}

/** What the caller may do with a mailbox (RFC 8621 section 2). */
export interface MailboxRights {
  mayReadItems?: boolean;
  mayAddItems?: boolean;
  mayRemoveItems?: boolean;
  maySetSeen?: boolean;
  maySetKeywords?: boolean;
  mayCreateChild?: boolean;
  mayRename?: boolean;
  mayDelete?: boolean;
  maySubmit?: boolean;
  mayShare?: boolean;
}

/** One rule of the policy. */
export interface PasswordRule {
  label: string;
  regex?: string;
  value?: number;
}

/** What pushes are encrypted for (RFC 8291). */
export interface PushKeys {
  p256dh: string;
  auth: string;
}

/** Who changed something. */
export interface Entity {
  name: string;
  email?: string | null;
  principalId?: string | null;
}

/** Who somebody is, says an authority. */
export interface SmimeCertificate {
  subject: string;
  issuer: string;
  name: string;
  addresses: string[];
  serial: string;
  fingerprint: string;
  notBefore: string;
  notAfter: string;
}

/** What the caller may do with a task list. */
export interface TaskListRights {
  mayReadItems?: boolean;
  mayWriteAll?: boolean;
  mayWriteOwn?: boolean;
  mayUpdatePrivate?: boolean;
  mayRSVP?: boolean;
  mayAdmin?: boolean;
  mayDelete?: boolean;
}

/** Of ``Foo/changes``. */
export interface ChangesArguments {
  accountId: string;
  sinceState: string;
  maxChanges?: number | null;
}

/** Of ``Foo/get``. */
export interface GetArguments {
  accountId: string;
  ids?: string[] | null;
  properties?: string[] | null;
}

/** Of ``AddressBook/set``. */
export interface AddressBookSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  onDestroyRemoveContents?: boolean;
  onSuccessSetIsDefault?: string | null;
}

/** Of ``Foo/set``. */
export interface SetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
}

/** Of ``Blob/copy``. */
export interface BlobCopyArguments {
  fromAccountId: string;
  accountId: string;
  blobIds: string[];
}

/** Of ``Blob/get``. */
export interface BlobGetArguments {
  accountId: string;
  ids: string[];
  properties?: string[] | null;
  offset?: number | null;
  length?: number | null;
}

/** Of ``Blob/lookup``. */
export interface BlobLookupArguments {
  accountId: string;
  typeNames: string[];
  ids: string[];
}

/** Of ``Blob/upload``. */
export interface BlobUploadArguments {
  accountId: string;
  create: Record<string, Record<string, unknown>>;
}

/** Of ``Calendar/set``. */
export interface CalendarSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  onDestroyRemoveEvents?: boolean;
  onSuccessSetIsDefault?: string | null;
}

/** Of ``Foo/copy``. */
export interface CopyArguments {
  fromAccountId: string;
  accountId: string;
  create: Record<string, Record<string, unknown>>;
  ifFromInState?: string | null;
  ifInState?: string | null;
  onSuccessDestroyOriginal?: boolean;
  destroyFromIfInState?: string | null;
}

/** Of ``CalendarEvent/get`` and ``Task/get``. */
export interface EventGetArguments {
  accountId: string;
  ids?: string[] | null;
  properties?: string[] | null;
  recurrenceOverridesBefore?: string | null;
  recurrenceOverridesAfter?: string | null;
  reduceParticipants?: boolean;
  timeZone?: string | null;
}

/** Of ``CalendarEvent/parse``. */
export interface EventParseArguments {
  accountId: string;
  blobIds: string[];
  properties?: string[] | null;
}

/** Of ``CalendarEvent/query`` and ``Task/query``. */
export interface EventQueryArguments {
  accountId: string;
  filter?: Record<string, unknown> | null;
  sort?: Comparator[] | null;
  position?: number;
  anchor?: string | null;
  anchorOffset?: number;
  limit?: number | null;
  calculateTotal?: boolean;
  expandRecurrences?: boolean;
  timeZone?: string | null;
}

/** Of ``CalendarEvent/queryChanges`` and ``Task/queryChanges``. */
export interface EventQueryChangesArguments {
  accountId: string;
  sinceQueryState: string;
  filter?: Record<string, unknown> | null;
  sort?: Comparator[] | null;
  maxChanges?: number | null;
  upToId?: string | null;
  calculateTotal?: boolean;
  expandRecurrences?: boolean;
  timeZone?: string | null;
}

/** Of ``CalendarEvent/set`` and ``Task/set``; the last two are ours. */
export interface EventSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  sendSchedulingMessages?: boolean;
  refuseConflicts?: boolean;
  thisAndFollowing?: string[] | null;
}

/** Of ``Foo/query``. */
export interface QueryArguments {
  accountId: string;
  filter?: Record<string, unknown> | null;
  sort?: Comparator[] | null;
  position?: number;
  anchor?: string | null;
  anchorOffset?: number;
  limit?: number | null;
  calculateTotal?: boolean;
}

/** Of ``Foo/queryChanges``. */
export interface QueryChangesArguments {
  accountId: string;
  sinceQueryState: string;
  filter?: Record<string, unknown> | null;
  sort?: Comparator[] | null;
  maxChanges?: number | null;
  upToId?: string | null;
  calculateTotal?: boolean;
}

/** Of ``ContactCard/parse``. */
export interface CardParseArguments {
  accountId: string;
  blobIds: string[];
  properties?: string[] | null;
}

/** Of ``Data/export``: one of the two. */
export interface ExportArguments {
  accountId: string;
  calendarId?: string | null;
  addressBookId?: string | null;
  format?: "csv" | "ldif" | "vcf";
}

/** Of the ``set`` of a type that is done by a script. */
export interface SingletonSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  foreignScript?: "leave" | "refuse" | "replace";
}

/** Of ``Email/compose``. */
export interface ComposeArguments {
  accountId: string;
  kind?: "editAsNew" | "forward" | "forwardAttached" | "new" | "reply" | "replyAll";
  emailIds?: string[];
  to?: Address[];
}

/** Of a method about some emails. */
export interface EmailsArguments {
  accountId: string;
  emailIds: string[];
}

/** Of methods that tell of emails (RFC 8621 sections 4.2 and 4.9). */
export interface BodyArguments {
  accountId: string;
  ids?: string[] | null;
  properties?: string[] | null;
  bodyProperties?: string[] | null;
  fetchTextBodyValues?: boolean;
  fetchHTMLBodyValues?: boolean;
  fetchAllBodyValues?: boolean;
  maxBodyValueBytes?: number;
}

/** Of ``Email/import``. */
export interface ImportArguments {
  accountId: string;
  emails: Record<string, Record<string, unknown>>;
  ifInState?: string | null;
}

/** Of ``Email/junk``. */
export interface JunkArguments {
  accountId: string;
  emailIds: string[];
  isJunk?: boolean;
}

/** Of ``Email/parse``. */
export interface ParseArguments {
  accountId: string;
  blobIds: string[];
  properties?: string[] | null;
  bodyProperties?: string[] | null;
  fetchTextBodyValues?: boolean;
  fetchHTMLBodyValues?: boolean;
  fetchAllBodyValues?: boolean;
  maxBodyValueBytes?: number;
}

/** Of ``Email/query``. */
export interface EmailQueryArguments {
  accountId: string;
  filter?: Record<string, unknown> | null;
  sort?: Comparator[] | null;
  position?: number;
  anchor?: string | null;
  anchorOffset?: number;
  limit?: number | null;
  calculateTotal?: boolean;
  collapseThreads?: boolean;
}

/** Of ``Email/queryChanges``. */
export interface EmailQueryChangesArguments {
  accountId: string;
  sinceQueryState: string;
  filter?: Record<string, unknown> | null;
  sort?: Comparator[] | null;
  maxChanges?: number | null;
  upToId?: string | null;
  calculateTotal?: boolean;
  collapseThreads?: boolean;
}

/** Of ``Email/redirect``. */
export interface RedirectArguments {
  accountId: string;
  emailId: string;
  identityId: string;
  to: Address[];
}

/** Of ``EmailSubmission/set`` (RFC 8621 section 7.5). */
export interface SubmissionSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  onSuccessUpdateEmail?: Record<string, Record<string, unknown>> | null;
  onSuccessDestroyEmail?: string[] | null;
  useUndoDelay?: boolean;
}

/** Of ``EmailView/get``. */
export interface ViewArguments {
  accountId: string;
  ids?: string[] | null;
  properties?: string[] | null;
  partId?: string;
  pictures?: "default" | "hide" | "show";
  preferPlain?: boolean;
  charset?: string;
}

/** Of ``Grant/get``: ``objectIds`` leaves only the rows of these calendars and books. */
export interface GrantGetArguments {
  accountId: string;
  ids?: string[] | null;
  properties?: string[] | null;
  objectIds?: string[] | null;
}

/** Of ``Job/runNow``. */
export interface JobArguments {
  accountId: string;
  id: string;
}

/** Of ``MDN/parse`` (RFC 9007 section 2.2). */
export interface ParseArguments108 {
  accountId: string;
  blobIds: string[];
}

/** Of ``MDN/send`` (RFC 9007 section 2.1). */
export interface SendArguments {
  accountId: string;
  identityId: string;
  send: Record<string, Record<string, unknown>>;
  onSuccessUpdateEmail?: Record<string, Record<string, unknown>> | null;
}

/** Of ``Mailbox/clean``; without a mailbox it is the whole account but for the trash. */
export interface CleanArguments {
  accountId: string;
  before: string;
  mailboxId?: string | null;
  withChildren?: boolean;
  forGood?: boolean;
}

/** Of a method about one mailbox. */
export interface MailboxArguments {
  accountId: string;
  mailboxId: string;
}

/** Of ``Mailbox/markRead``. */
export interface MarkReadArguments {
  accountId: string;
  mailboxId: string;
  withChildren?: boolean;
}

/** Of ``Mailbox/query``. */
export interface MailboxQueryArguments {
  accountId: string;
  filter?: Record<string, unknown> | null;
  sort?: Comparator[] | null;
  position?: number;
  anchor?: string | null;
  anchorOffset?: number;
  limit?: number | null;
  calculateTotal?: boolean;
  sortAsTree?: boolean;
  filterAsTree?: boolean;
}

/** Of ``Mailbox/queryChanges``. */
export interface MailboxQueryChangesArguments {
  accountId: string;
  sinceQueryState: string;
  filter?: Record<string, unknown> | null;
  sort?: Comparator[] | null;
  maxChanges?: number | null;
  upToId?: string | null;
  calculateTotal?: boolean;
  sortAsTree?: boolean;
  filterAsTree?: boolean;
}

/** Of ``Mailbox/set``. */
export interface MailboxSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  onDestroyRemoveEmails?: boolean;
}

/** Of ``MailboxGrant/changes``. */
export interface GrantChangesArguments {
  accountId: string;
  sinceState: string;
  maxChanges?: number | null;
  mailboxId?: string;
}

/** Of ``MailboxGrant/get``. */
export interface GrantGetArguments117 {
  accountId: string;
  ids?: string[] | null;
  properties?: string[] | null;
  mailboxId?: string;
}

/** Of ``MailboxGrant/set``. */
export interface GrantSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  mailboxId?: string;
}

/** Of a method that takes nothing else. */
export interface AccountArguments {
  accountId: string;
}

/** Of ``ParticipantIdentity/set``. */
export interface IdentitySetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  onSuccessSetIsDefault?: string | null;
}

/** Of ``Passkey/finish``. */
export interface FinishArguments {
  accountId: string;
  name: string;
  credential: Record<string, unknown>;
  required?: boolean;
}

/** Of a method about one person. */
export interface PersonArguments {
  accountId: string;
  id: string;
}

/** Of ``Person/search``. */
export interface SearchArguments {
  accountId: string;
  text?: string;
  limit?: number;
}

/** Of ``Person/set``: ``destroyData`` removes calendars, address books and files with those who are destroyed. */
export interface PersonSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  destroyData?: boolean;
}

/** Of ``Principal/findSlots``: ``required`` must be free, ``optional`` may miss it. */
export interface SlotsArguments {
  accountId: string;
  required: string[];
  utcStart: string;
  utcEnd: string;
  optional?: string[];
  minutes?: number;
  anytime?: boolean;
  limit?: number;
}

/** Of ``Principal/getAvailability``. */
export interface AvailabilityArguments {
  accountId: string;
  id: string;
  utcStart: string;
  utcEnd: string;
  showDetails?: boolean;
  eventProperties?: string[] | null;
}

/** Of ``Proof/give``: one of the three. */
export interface ProofArguments {
  accountId: string;
  password?: string | null;
  code?: string | null;
  passkey?: Record<string, unknown> | null;
}

/** Of ``PushSubscription/get``. */
export interface GetArguments128 {
  ids?: string[] | null;
  properties?: string[] | null;
}

/** Of ``PushSubscription/set``. */
export interface SetArguments129 {
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
}

/** Of ``Recipient/query``. */
export interface RecipientQueryArguments {
  accountId: string;
  text: string;
  limit?: number;
}

/** Of ``SearchSnippet/get``. */
export interface SnippetArguments {
  accountId: string;
  emailIds: string[];
  filter?: Record<string, unknown> | null;
}

/** Of ``SecondFactor/confirm``. */
export interface ConfirmArguments {
  accountId: string;
  code: string;
}

/** Of ``SieveScript/set`` (RFC 9661 section 2.2). */
export interface SieveSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  onSuccessActivateScript?: string | null;
  onSuccessDeactivateScript?: boolean | null;
}

/** Of ``SieveScript/validate`` (RFC 9661 section 2.4). */
export interface ValidateArguments {
  accountId: string;
  blobId: string;
}

/** Of ``SmimeKey/import``. */
export interface ImportArguments135 {
  accountId: string;
  blobId: string;
  password?: string;
}

/** Of ``SmimeKey/lookup``. */
export interface LookupArguments {
  accountId: string;
  addresses?: string[];
}

/** Of ``TaskList/set``. */
export interface TaskListSetArguments {
  accountId: string;
  ifInState?: string | null;
  create?: Record<string, Record<string, unknown>> | null;
  update?: Record<string, Record<string, unknown>> | null;
  destroy?: string[] | null;
  onDestroyRemoveTasks?: boolean;
}

/** Of ``WebCalendar/reload``. */
export interface ReloadArguments {
  accountId: string;
  id: string;
}

/** An address of an envelope, and parameters of its command. */
export interface EnvelopeAddress {
  email: string;
  parameters?: Record<string, string | null> | null;
}

/** A signature. */
export interface ShownSignature {
  verdict?: "altered" | "expired" | "unreadable" | "unsuitable" | "untrusted" | "valid";
  isGood?: boolean;
  isOfOtherAddress?: boolean;
  signers?: Signer[];
  error?: string | null;
}

/** What became of a message for one recipient. */
export interface RecipientOutcome {
  recipient?: string;
  action?: string;
  status?: string | null;
  diagnostic?: string | null;
}

/** One test of a filter. */
export interface Rule {
  field: string;
  operator: string;
  value?: string;
  customHeader?: string;
}

/** What a filter does. */
export interface Action {
  method: string;
  argument?: string;
}

/** One level of an order; ``keyword`` belongs to mail's ``hasKeyword`` and its like (RFC 8621 section 4.4.2). */
export interface Comparator {
  property: string;
  isAscending?: boolean;
  collation?: string | null;
  keyword?: string | null;
}

/** Who signed, as the certificate says. */
export interface Signer {
  name?: string;
  addresses?: string[];
  issuer?: string;
  notBefore?: string;
  notAfter?: string;
  fingerprint?: string;
}

/** Each type by its name. */
export interface DataTypes {
  AddressBook: AddressBook;
  AppPassword: AppPassword;
  AuditEntry: AuditEntry;
  Calendar: Calendar;
  CalendarEvent: CalendarEvent;
  CalendarEventNotification: CalendarEventNotification;
  ContactCard: ContactCard;
  DataImport: DataImport;
  DeliveryNotice: DeliveryNotice;
  Email: Email;
  EmailSubmission: EmailSubmission;
  EmailView: EmailView;
  Forward: Forward;
  Grant: Grant;
  Identity: Identity;
  Job: Job;
  Label: Label;
  Link: Link;
  MailAccount: MailAccount;
  MailDelegate: MailDelegate;
  MailFilter: MailFilter;
  Mailbox: Mailbox;
  MailboxGrant: MailboxGrant;
  MessageOfTheDay: MessageOfTheDay;
  OpenSession: OpenSession;
  OutboxLetter: OutboxLetter;
  ParticipantIdentity: ParticipantIdentity;
  Passkey: Passkey;
  PasswordPolicy: PasswordPolicy;
  Peer: Peer;
  Person: Person;
  Preferences: Preferences;
  Principal: Principal;
  PushSubscription: PushSubscription;
  Quota: Quota;
  Recipient: Recipient;
  Recovery: Recovery;
  SecondFactor: SecondFactor;
  ShareNotification: ShareNotification;
  SieveScript: SieveScript;
  Site: Site;
  SmimeKey: SmimeKey;
  Snooze: Snooze;
  Task: Task;
  TaskList: TaskList;
  Thread: Thread;
  VacationDetails: VacationDetails;
  VacationResponse: VacationResponse;
  WebCalendar: WebCalendar;
}

/** The arguments of each method. */
export interface Methods {
  "AddressBook/changes": ChangesArguments;
  "AddressBook/get": GetArguments;
  "AddressBook/set": AddressBookSetArguments;
  "AppPassword/changes": ChangesArguments;
  "AppPassword/get": GetArguments;
  "AppPassword/set": SetArguments;
  "AuditEntry/get": GetArguments;
  "Blob/copy": BlobCopyArguments;
  "Blob/get": BlobGetArguments;
  "Blob/lookup": BlobLookupArguments;
  "Blob/upload": BlobUploadArguments;
  "Calendar/changes": ChangesArguments;
  "Calendar/get": GetArguments;
  "Calendar/set": CalendarSetArguments;
  "CalendarEvent/changes": ChangesArguments;
  "CalendarEvent/copy": CopyArguments;
  "CalendarEvent/get": EventGetArguments;
  "CalendarEvent/parse": EventParseArguments;
  "CalendarEvent/query": EventQueryArguments;
  "CalendarEvent/queryChanges": EventQueryChangesArguments;
  "CalendarEvent/set": EventSetArguments;
  "CalendarEventNotification/changes": ChangesArguments;
  "CalendarEventNotification/get": GetArguments;
  "CalendarEventNotification/query": QueryArguments;
  "CalendarEventNotification/queryChanges": QueryChangesArguments;
  "CalendarEventNotification/set": SetArguments;
  "ContactCard/changes": ChangesArguments;
  "ContactCard/copy": CopyArguments;
  "ContactCard/get": GetArguments;
  "ContactCard/parse": CardParseArguments;
  "ContactCard/query": QueryArguments;
  "ContactCard/queryChanges": QueryChangesArguments;
  "ContactCard/set": SetArguments;
  "Core/echo": Record<string, unknown>;
  "Data/export": ExportArguments;
  "DataImport/changes": ChangesArguments;
  "DataImport/get": GetArguments;
  "DataImport/set": SetArguments;
  "DeliveryNotice/changes": ChangesArguments;
  "DeliveryNotice/get": GetArguments;
  "DeliveryNotice/set": SingletonSetArguments;
  "Email/changes": ChangesArguments;
  "Email/compose": ComposeArguments;
  "Email/copy": CopyArguments;
  "Email/deleteToTrash": EmailsArguments;
  "Email/get": BodyArguments;
  "Email/import": ImportArguments;
  "Email/junk": JunkArguments;
  "Email/parse": ParseArguments;
  "Email/query": EmailQueryArguments;
  "Email/queryChanges": EmailQueryChangesArguments;
  "Email/redirect": RedirectArguments;
  "Email/set": SetArguments;
  "EmailSubmission/changes": ChangesArguments;
  "EmailSubmission/get": GetArguments;
  "EmailSubmission/query": QueryArguments;
  "EmailSubmission/queryChanges": QueryChangesArguments;
  "EmailSubmission/set": SubmissionSetArguments;
  "EmailView/get": ViewArguments;
  "Forward/changes": ChangesArguments;
  "Forward/get": GetArguments;
  "Forward/set": SingletonSetArguments;
  "Grant/get": GrantGetArguments;
  "Grant/set": SetArguments;
  "Identity/changes": ChangesArguments;
  "Identity/get": GetArguments;
  "Identity/set": SetArguments;
  "Job/get": GetArguments;
  "Job/runNow": JobArguments;
  "Label/changes": ChangesArguments;
  "Label/get": GetArguments;
  "Label/set": SetArguments;
  "Link/changes": ChangesArguments;
  "Link/get": GetArguments;
  "Link/set": SetArguments;
  "MDN/parse": ParseArguments108;
  "MDN/send": SendArguments;
  "MailAccount/changes": ChangesArguments;
  "MailAccount/get": GetArguments;
  "MailAccount/set": SetArguments;
  "MailDelegate/changes": ChangesArguments;
  "MailDelegate/get": GetArguments;
  "MailDelegate/set": SetArguments;
  "MailFilter/changes": ChangesArguments;
  "MailFilter/get": GetArguments;
  "MailFilter/set": SingletonSetArguments;
  "Mailbox/changes": ChangesArguments;
  "Mailbox/clean": CleanArguments;
  "Mailbox/empty": MailboxArguments;
  "Mailbox/expunge": MailboxArguments;
  "Mailbox/get": GetArguments;
  "Mailbox/markRead": MarkReadArguments;
  "Mailbox/query": MailboxQueryArguments;
  "Mailbox/queryChanges": MailboxQueryChangesArguments;
  "Mailbox/set": MailboxSetArguments;
  "MailboxGrant/changes": GrantChangesArguments;
  "MailboxGrant/get": GrantGetArguments117;
  "MailboxGrant/set": GrantSetArguments;
  "MessageOfTheDay/get": GetArguments;
  "MessageOfTheDay/set": SetArguments;
  "OpenSession/changes": ChangesArguments;
  "OpenSession/endOthers": AccountArguments;
  "OpenSession/get": GetArguments;
  "OpenSession/set": SetArguments;
  "OutboxLetter/get": GetArguments;
  "OutboxLetter/set": SetArguments;
  "ParticipantIdentity/changes": ChangesArguments;
  "ParticipantIdentity/get": GetArguments;
  "ParticipantIdentity/set": IdentitySetArguments;
  "Passkey/begin": AccountArguments;
  "Passkey/changes": ChangesArguments;
  "Passkey/finish": FinishArguments;
  "Passkey/get": GetArguments;
  "Passkey/set": SetArguments;
  "PasswordPolicy/get": GetArguments;
  "Peer/get": GetArguments;
  "Person/devices": PersonArguments;
  "Person/get": GetArguments;
  "Person/resetSignIn": PersonArguments;
  "Person/search": SearchArguments;
  "Person/set": PersonSetArguments;
  "Preferences/changes": ChangesArguments;
  "Preferences/get": GetArguments;
  "Preferences/set": SetArguments;
  "Principal/changes": ChangesArguments;
  "Principal/findSlots": SlotsArguments;
  "Principal/get": GetArguments;
  "Principal/getAvailability": AvailabilityArguments;
  "Principal/query": QueryArguments;
  "Principal/queryChanges": QueryChangesArguments;
  "Principal/set": SetArguments;
  "Proof/begin": AccountArguments;
  "Proof/give": ProofArguments;
  "PushSubscription/get": GetArguments128;
  "PushSubscription/set": SetArguments129;
  "Quota/changes": ChangesArguments;
  "Quota/get": GetArguments;
  "Quota/query": QueryArguments;
  "Quota/queryChanges": QueryChangesArguments;
  "Recipient/query": RecipientQueryArguments;
  "Recovery/changes": ChangesArguments;
  "Recovery/get": GetArguments;
  "Recovery/set": SetArguments;
  "SearchSnippet/get": SnippetArguments;
  "SecondFactor/begin": AccountArguments;
  "SecondFactor/changes": ChangesArguments;
  "SecondFactor/confirm": ConfirmArguments;
  "SecondFactor/get": GetArguments;
  "SecondFactor/renewCodes": AccountArguments;
  "SecondFactor/turnOff": AccountArguments;
  "ShareNotification/changes": ChangesArguments;
  "ShareNotification/get": GetArguments;
  "ShareNotification/query": QueryArguments;
  "ShareNotification/queryChanges": QueryChangesArguments;
  "ShareNotification/set": SetArguments;
  "SieveScript/get": GetArguments;
  "SieveScript/query": QueryArguments;
  "SieveScript/set": SieveSetArguments;
  "SieveScript/validate": ValidateArguments;
  "Site/get": GetArguments;
  "SmimeKey/changes": ChangesArguments;
  "SmimeKey/get": GetArguments;
  "SmimeKey/import": ImportArguments135;
  "SmimeKey/lookup": LookupArguments;
  "SmimeKey/set": SetArguments;
  "Snooze/changes": ChangesArguments;
  "Snooze/get": GetArguments;
  "Snooze/set": SetArguments;
  "Task/changes": ChangesArguments;
  "Task/copy": CopyArguments;
  "Task/get": EventGetArguments;
  "Task/query": EventQueryArguments;
  "Task/queryChanges": EventQueryChangesArguments;
  "Task/set": EventSetArguments;
  "TaskList/changes": ChangesArguments;
  "TaskList/get": GetArguments;
  "TaskList/set": TaskListSetArguments;
  "Thread/changes": ChangesArguments;
  "Thread/get": GetArguments;
  "VacationDetails/changes": ChangesArguments;
  "VacationDetails/get": GetArguments;
  "VacationDetails/set": SingletonSetArguments;
  "VacationResponse/get": GetArguments;
  "VacationResponse/set": SetArguments;
  "WebCalendar/changes": ChangesArguments;
  "WebCalendar/get": GetArguments;
  "WebCalendar/reload": ReloadArguments;
  "WebCalendar/set": SetArguments;
}

/** What may stand in `using`. */
export type Using =
  | "https://folkmoot.org/jmap/administration"
  | "https://folkmoot.org/jmap/calendars"
  | "https://folkmoot.org/jmap/export"
  | "https://folkmoot.org/jmap/import"
  | "https://folkmoot.org/jmap/mail"
  | "https://folkmoot.org/jmap/preferences"
  | "https://folkmoot.org/jmap/recipients"
  | "https://folkmoot.org/jmap/security"
  | "https://folkmoot.org/jmap/sharing"
  | "https://folkmoot.org/jmap/site"
  | "urn:ietf:params:jmap:blob"
  | "urn:ietf:params:jmap:calendars"
  | "urn:ietf:params:jmap:calendars:parse"
  | "urn:ietf:params:jmap:contacts"
  | "urn:ietf:params:jmap:contacts:parse"
  | "urn:ietf:params:jmap:core"
  | "urn:ietf:params:jmap:mail"
  | "urn:ietf:params:jmap:mdn"
  | "urn:ietf:params:jmap:principals"
  | "urn:ietf:params:jmap:principals:availability"
  | "urn:ietf:params:jmap:quota"
  | "urn:ietf:params:jmap:sieve"
  | "urn:ietf:params:jmap:submission"
  | "urn:ietf:params:jmap:tasks"
  | "urn:ietf:params:jmap:vacationresponse"
  | "urn:ietf:params:jmap:webpush-vapid"
  | "urn:ietf:params:jmap:websocket";
